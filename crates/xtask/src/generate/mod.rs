//! Files made from the code, and the check that they are up to date.

mod agent_config_schema;
mod environment_reference;
mod run;
mod type_declarations;

pub(crate) use run::{Mode, run};
