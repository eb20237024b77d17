use std::fmt::Write as _;

use cascadeflow::env_vars;

use super::run::Generated;

const HEAD: &str = "\
# Environment variables

<!-- Made from the code by `cargo xtask generate`. -->

Every variable that cascadeflow reads, from any language and from the command line. What is given in code
or in a configuration goes before a variable; an empty variable counts as unset.

| variable | what it does | without it |
|---|---|---|
";

/// The reference of the environment variables.
pub(super) fn generate() -> Generated {
    let mut text = HEAD.to_owned();
    for variable in env_vars::all() {
        // Writing to a `String` cannot fail.
        let _ =
            writeln!(text, "| `{}` | {} | {} |", variable.name, variable.purpose, variable.without);
    }
    Generated { path: "docs/reference/environment.md", text }
}
