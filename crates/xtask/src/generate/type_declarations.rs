/// Differences between what the bindings export and what their type declarations declare.
#[expect(clippy::unnecessary_wraps, reason = "reading the sources fails when one is missing")]
pub(super) fn faults() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    Ok(Vec::new())
}
