-- One row for each spending. `cost` is the nearest number, `cost_usd` the exact amount. Not STRICT,
-- so that older SQLite reads exports, too.
CREATE TABLE cost_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  tokens INTEGER,
  cost REAL NOT NULL,
  query_id TEXT,
  metadata TEXT,
  user_id TEXT,
  tenant_id TEXT,
  tier TEXT,
  key_id TEXT,
  session_id TEXT,
  role TEXT,
  priced TEXT NOT NULL,
  requests INTEGER NOT NULL,
  usage TEXT NOT NULL,
  cost_usd TEXT NOT NULL
);
