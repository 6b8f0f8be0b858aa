-- Links of a hierarchy never form a cycle on any date, whoever writes them. One writer per region and hierarchy checks
-- at a time: after the lock each statement sees what the winner committed (READ COMMITTED), so racing writers cannot
-- close a cycle between them. The walk goes up from every written link, narrowing the dates on the way; UNION, not
-- UNION ALL, ends it on any graph. The function looks past the writer's scope: a cycle through unseen bodies is one too.
CREATE FUNCTION organisation_link_refuse_cycle() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  closed boolean;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  PERFORM pg_advisory_xact_lock(hashtextextended('organisation_link/' || region_code || '/' || hierarchy, 0))
    FROM (SELECT DISTINCT region_code, hierarchy FROM written WHERE delete_time IS NULL ORDER BY 1, 2) AS graphs;
  closed := EXISTS (
    WITH RECURSIVE above (region_code, hierarchy, origin, at, period) AS (
      SELECT region_code, hierarchy, child_id, parent_id, daterange(valid_from_date, valid_until_date, '[]')
        FROM written WHERE delete_time IS NULL
      UNION
      SELECT a.region_code, a.hierarchy, a.origin, l.parent_id,
             a.period * daterange(l.valid_from_date, l.valid_until_date, '[]')
        FROM above a JOIN organisation_link l
          ON l.region_code = a.region_code AND l.child_id = a.at AND l.hierarchy = a.hierarchy
         AND l.delete_time IS NULL AND daterange(l.valid_from_date, l.valid_until_date, '[]') && a.period
       WHERE a.at <> a.origin
    )
    SELECT FROM above WHERE at = origin
  );
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF closed THEN
    RAISE EXCEPTION 'organisation links close a cycle' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER refuse_cycle_inserted AFTER INSERT ON organisation_link
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION organisation_link_refuse_cycle();
CREATE TRIGGER refuse_cycle_updated AFTER UPDATE ON organisation_link
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION organisation_link_refuse_cycle();
