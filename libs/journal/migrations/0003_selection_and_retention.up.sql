-- The selection a feed's cursor was read under, and the rights to forget what need not be kept any longer.

-- Empty: unknown, as left by releases that did not keep it.
ALTER TABLE feed_cursor ADD COLUMN selection bytea NOT NULL DEFAULT '';

COMMENT ON COLUMN request_log.method IS
  'full name of the request message, which no other RPC of the service takes (e.g. rsnms.registry.v1.CreatePersonRequest)';

-- Retention. The application may not delete from the journal and the access log: these functions do it as the owner, the
-- oldest rows first, and refuse to touch what is younger than 30 days, so that whoever breaks into a service cannot
-- remove the traces of it. Both answer how many rows they removed, at most `batch`. The owner is under the scope policies
-- too: rows and seals must leave together whatever the caller's scope, which is put back.

-- Removes sealed rows older than `kept` from the beginning up to the first younger one; never the newest. The seal of the
-- last one removed stays as the chain's anchor. (An anchor at position 1 would look like a row whose change is missing.)
CREATE FUNCTION journal_prune(kept interval, batch integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  caller_scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  last bigint;
  removed bigint;
BEGIN
  IF kept < interval '30 days' THEN
    RAISE EXCEPTION 'journal rows younger than 30 days are kept' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('rsnms.scopes', '*', true);
  SELECT least(coalesce(min(s.position) FILTER (WHERE j.change_time >= clock_timestamp() - kept) - 1, max(s.position)),
               (SELECT max(position) - 1 FROM journal_seal)) INTO last
    FROM (SELECT position, seq FROM journal_seal ORDER BY position LIMIT batch) s LEFT JOIN journal j USING (seq);
  -- Null when nothing is sealed, less than 2 when only the first row is old.
  last := CASE WHEN last >= 2 THEN last ELSE 0 END;
  DELETE FROM journal USING journal_seal s WHERE s.seq = journal.seq AND s.position <= last;
  GET DIAGNOSTICS removed = ROW_COUNT;
  DELETE FROM journal_seal WHERE position < last;
  PERFORM set_config('rsnms.scopes', caller_scopes, true);
  RETURN removed;
END
$$;

CREATE FUNCTION access_log_prune(kept interval, batch integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  caller_scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  removed bigint;
BEGIN
  IF kept < interval '30 days' THEN
    RAISE EXCEPTION 'reads younger than 30 days are kept' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('rsnms.scopes', '*', true);
  DELETE FROM access_log WHERE id IN (
    SELECT id FROM (SELECT id, access_time FROM access_log ORDER BY id LIMIT batch) oldest
     WHERE access_time < clock_timestamp() - kept);
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('rsnms.scopes', caller_scopes, true);
  RETURN removed;
END
$$;

-- Temporary tables of the caller must not stand before ours.
DO $$
DECLARE
  app text := current_schema() || '_app';
  signature text;
BEGIN
  EXECUTE format('ALTER FUNCTION journal_hold() SET search_path = %I, pg_temp', current_schema());
  FOREACH signature IN ARRAY ARRAY['journal_prune(interval, integer)', 'access_log_prune(interval, integer)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', signature, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', signature, app);
    END IF;
  END LOOP;
END
$$;
