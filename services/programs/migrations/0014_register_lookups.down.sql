DROP INDEX register_snapshot_match_key;
CREATE INDEX register_snapshot_match_key ON register_snapshot (region_code, register_sync_id, match_key);
