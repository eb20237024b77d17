/// Colours text where the screen shows colours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    enabled: bool,
}

impl Paint {
    pub(super) const fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// Whether colours are shown.
    pub(crate) const fn enabled(self) -> bool {
        self.enabled
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Something good.
    pub(crate) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// Something bad.
    pub(crate) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// A remedy or a name to notice.
    pub(crate) fn accent(self, text: &str) -> String {
        self.with("36", text)
    }

    /// Something of less weight.
    pub(crate) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.enabled { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
