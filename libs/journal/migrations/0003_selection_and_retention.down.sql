DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION journal_hold() SET search_path = %I', current_schema());
END
$$;
DROP FUNCTION access_log_prune(interval, integer);
DROP FUNCTION journal_prune(interval, integer);
COMMENT ON COLUMN request_log.method IS NULL;
ALTER TABLE feed_cursor DROP COLUMN selection;
