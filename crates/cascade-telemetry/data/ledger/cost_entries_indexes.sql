CREATE INDEX cost_entries_by_time ON cost_entries (timestamp);
CREATE INDEX cost_entries_by_user ON cost_entries (user_id, timestamp);
