//! Files made from the code, and the check that they are up to date.

mod agent_config_schema;
mod binding_source;
mod environment_reference;
mod node_declarations;
mod providers_reference;
mod python_stubs;
mod run;

pub(crate) use run::{Mode, run};
