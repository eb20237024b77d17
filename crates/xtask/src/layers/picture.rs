use std::fmt::Write as _;

use super::rules::{LAYERS, Layer};
use crate::report::Report;
use crate::workspace;

const FILE: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- layers: cargo xtask check-layers --write -->";
const END: &str = "<!-- end of layers -->";

/// Prints the picture.
#[expect(clippy::unnecessary_wraps, reason = "every command gives a report")]
pub(crate) fn print_picture() -> Report {
    Ok(picture())
}

/// Puts the picture into the architecture page.
pub(crate) fn write_picture() -> Report {
    let (before, _, after) = split(&workspace::read(FILE)?)?;
    std::fs::write(workspace::root().join(FILE), format!("{before}{}{after}", block()))?;
    Ok(format!("wrote the layers to {FILE}"))
}

/// Fails when the architecture page shows another picture.
pub(super) fn check() -> Result<(), Box<dyn std::error::Error>> {
    let (_, shown, _) = split(&workspace::read(FILE)?)?;
    if shown != block() {
        return Err(
            format!("{FILE} shows other layers: run `cargo xtask check-layers --write`").into()
        );
    }
    Ok(())
}

fn block() -> String {
    format!("{BEGIN}\n```text\n{}\n```\n{END}", picture())
}

/// The page before, between (markers included) and after the markers.
fn split(page: &str) -> Result<(String, String, String), Box<dyn std::error::Error>> {
    let missing = || format!("{FILE} lacks the markers `{BEGIN}` and `{END}`");
    let begin = page.find(BEGIN).ok_or_else(missing)?;
    let end = page.find(END).ok_or_else(missing)? + END.len();
    Ok((page[..begin].to_owned(), page[begin..end].to_owned(), page[end..].to_owned()))
}

/// One block for each row of crates, the lowest layer first, each crate with what it uses.
fn picture() -> String {
    let rows = LAYERS.iter().filter_map(|layer| layer.row).max().map_or(0, |row| row + 1);
    let mut blocks: Vec<String> =
        (0..rows).map(|row| lines(LAYERS.iter().filter(|layer| layer.row == Some(row)))).collect();
    blocks.push(format!(
        "for developers only\n{}",
        lines(LAYERS.iter().filter(|layer| layer.row.is_none()))
    ));
    let arrow = "      ^\n";
    let (developers, layers) = blocks.split_last().map_or(("", &[][..]), |(d, l)| (d.as_str(), l));
    format!("{}\n{developers}", layers.join(arrow)).trim_end().to_owned()
}

fn lines<'a>(layers: impl Iterator<Item = &'a Layer>) -> String {
    let mut text = String::new();
    for layer in layers {
        let uses = if layer.may_use.is_empty() {
            String::new()
        } else {
            format!("<- {}", layer.may_use.join(", "))
        };
        // Writing to a `String` cannot fail.
        let line = format!("  {:<20}{:<56}{uses}", layer.package, layer.owns);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_names_every_crate() {
        let picture = picture();
        for layer in LAYERS {
            assert!(picture.contains(layer.package), "{}", layer.package);
        }
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        assert!(split("no picture here").is_err());
    }
}
