/// What a command prints at its end, or why it failed.
pub(crate) type Report = Result<String, Box<dyn std::error::Error>>;
