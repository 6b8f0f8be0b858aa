-- Titles and providers of the register's entries are looked up by a key of their own. The run is not its head: the
-- planner, which has no statistics of a run under way, would take the primary key instead and read the whole run.
-- Runs as programs_owner with search_path = programs.

DROP INDEX register_snapshot_match_key;
CREATE INDEX register_snapshot_match_key ON register_snapshot (match_key, region_code);
