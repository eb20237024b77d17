use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Terminal;

/// A progress bar on standard error; invisible where that is no screen. Gone when dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar of `total` steps.
    pub(crate) fn new(terminal: &Terminal, total: u64) -> Self {
        Self::styled(terminal, Some(total), "{bar:30} {pos}/{len} {elapsed} {wide_msg}")
    }

    /// A count of steps whose number is not known before.
    pub(crate) fn counting(terminal: &Terminal) -> Self {
        Self::styled(terminal, None, "{spinner} {human_pos} {wide_msg}")
    }

    fn styled(terminal: &Terminal, total: Option<u64>, template: &str) -> Self {
        let target = if terminal.err_is_screen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(total, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Shows what is under way.
    pub(crate) fn message(&self, text: impl Into<String>) {
        self.bar.set_message(text.into());
    }

    /// Advances by `steps`.
    pub(crate) fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
