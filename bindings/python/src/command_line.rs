use pyo3::prelude::*;

/// Runs the command line with `arguments`, of which the first names the program, and gives its exit
/// status.
#[pyfunction]
pub(crate) fn run_command_line(py: Python<'_>, arguments: Vec<String>) -> i32 {
    py.detach(|| cascade_cli::run_from_args(arguments))
}
