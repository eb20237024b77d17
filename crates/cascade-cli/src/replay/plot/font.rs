use std::sync::OnceLock;

use cascadeflow::{Error, ErrorKind, Result};
use plotters::style::{FontStyle, register_font};

/// The family that plots ask for. In an SVG the viewer chooses its own sans-serif; for bitmaps and
/// for measuring text it is `DejaVu` Sans, which is built in, so that no font need be installed.
pub(crate) const FAMILY: &str = "sans-serif";

/// Makes the font known to the plot crate; once for the process.
pub(crate) fn register() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok()
            && register_font(FAMILY, FontStyle::Bold, dejavu::sans::bold()).is_ok()
    });
    if *registered {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Internal, "the built-in font of plots cannot be read"))
    }
}
