use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use cascadeflow::{Error, Result};
use flate2::read::MultiGzDecoder;

use super::draft_row::DraftRow;

/// The rows of one file.
#[derive(Debug)]
pub(crate) struct DraftFile {
    /// The rows in the order of the file; never empty.
    pub(crate) rows: Vec<DraftRow>,
    /// Malformed lines left out.
    pub(crate) bad_lines: usize,
}

/// The first bytes of every gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

impl DraftFile {
    /// Reads the file at `path`, gzipped or not, as its first bytes tell. Blank lines are passed
    /// over; malformed lines are an error, or counted when `skip_bad`.
    ///
    /// # Errors
    /// A validation error that names file, line and field.
    pub(crate) fn read(path: &Path, skip_bad: bool) -> Result<Self> {
        let mut reader = open(path).map_err(|error| unreadable(path, &error))?;
        let mut rows = Vec::new();
        let mut bad_lines = 0;
        let mut line = Vec::new();
        for number in 1_usize.. {
            line.clear();
            let place = || format!("{}:{number}", path.display());
            if reader.read_until(b'\n', &mut line).map_err(|error| {
                Error::validation(
                    "file",
                    format!("{}: cannot be read: {error}", place()),
                    "give a complete file of JSON Lines, gzipped or not",
                )
            })? == 0
            {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match DraftRow::parse(&line, &place()) {
                Ok(row) => rows.push(row),
                Err(_) if skip_bad => bad_lines += 1,
                Err(error) => return Err(error),
            }
        }
        if rows.is_empty() {
            return Err(Error::validation(
                "file",
                format!("{}: holds no rows", path.display()),
                "give a file with one recorded draft on each line",
            ));
        }
        Ok(Self { rows, bad_lines })
    }
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::new(File::open(path)?);
    let gzipped = reader.fill_buf()?.starts_with(&GZIP_MAGIC);
    let reader: Box<dyn Read> =
        if gzipped { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    Ok(Box::new(BufReader::with_capacity(1 << 16, reader)))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::validation(
        "file",
        format!("{}: cannot be read: {error}", path.display()),
        "give the path of a file of recorded drafts",
    )
}
