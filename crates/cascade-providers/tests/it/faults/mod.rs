//! The faults that a driver survives, one a file, each with a server that misbehaves so.

mod fault_01;
mod fault_02;
mod fault_04;
mod fault_05;
mod fault_07;
mod fault_08;
mod fault_09;
mod fault_10;
mod fault_11;
mod fault_12;
mod fault_13;
mod fault_14;
mod fault_15;
mod fault_16;
