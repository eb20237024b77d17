//! User code as implementations of ports, one port a file.

mod calls;
mod provider;

pub(crate) use provider::{ProviderHost, provider_of};
