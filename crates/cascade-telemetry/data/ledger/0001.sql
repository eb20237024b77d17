-- Times are nanoseconds since the Unix epoch; amounts of money are exact decimals as text.

-- One window of one owner, with what was spent in it and what is set aside.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  time_window TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER,
  committed_cost TEXT NOT NULL,
  committed_requests INTEGER NOT NULL,
  committed_tokens INTEGER NOT NULL,
  reserved_cost TEXT NOT NULL,
  reserved_requests INTEGER NOT NULL,
  reserved_tokens INTEGER NOT NULL,
  UNIQUE (owner_kind, owner_id, time_window, starts_at)
) STRICT;
CREATE INDEX accounts_by_end ON accounts (ends_at) WHERE ends_at IS NOT NULL;

-- What is left of a reservation in each of its accounts. Ids are never used twice.
CREATE TABLE holds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  process TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  accounts TEXT NOT NULL,
  cost TEXT NOT NULL,
  requests INTEGER NOT NULL,
  tokens INTEGER NOT NULL
) STRICT;
CREATE INDEX holds_by_expiry ON holds (expires_at);
CREATE INDEX holds_by_process ON holds (process);

-- Sums over entries: kind `all`, `model`, `provider` or `user`. `tier` is the last one that a user
-- was booked under.
CREATE TABLE totals (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  entries INTEGER NOT NULL,
  cost TEXT NOT NULL,
  requests INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  tier TEXT,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
