use std::time::Duration;

/// What a written spending survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A loss of power: every group of writes waits for the disk.
    #[default]
    Full,
    /// The end of the process, `kill -9` too, but not a loss of power: nothing waits for the disk.
    Process,
}

/// How a ledger file is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How long a write waits for other processes to finish theirs; 5 seconds.
    pub busy_timeout: Duration,
    /// What a written spending survives; a loss of power.
    pub durability: Durability,
    /// Most bytes that the file may take, its log beside it not counted; `None`: as many as the
    /// disk has. A ledger that is full refuses to be spent on.
    pub max_bytes: Option<u64>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), durability: Durability::Full, max_bytes: None }
    }
}
