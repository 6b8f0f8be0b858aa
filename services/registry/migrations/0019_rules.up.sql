-- Rules that span rows, kept whoever writes: jury and entrants, one call for grants of a programme and year, documents
-- and plans that form no circle. Days of applications; the term and the instruments of a methodologist's preconditions.
ALTER TABLE contest_entry ADD COLUMN applied_date date;
ALTER TABLE grant_award ADD COLUMN applied_date date;
ALTER TABLE mentorship ADD COLUMN mentors_without_consent_count integer NOT NULL DEFAULT 0;
ALTER TABLE asset_regulation
  ADD COLUMN diagnostics_families text[] NOT NULL DEFAULT '{}',
  ADD COLUMN diagnostics_months integer NOT NULL DEFAULT 0,
  ADD COLUMN training_months integer NOT NULL DEFAULT 0;

-- Nobody competes before a jury they sit in. An entry holds the contest, a change of the jury is the contest's row: one
-- waits for the other, and looks in a statement that begins after the wait.
CREATE FUNCTION contest_entry_refuse_jury() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  judges boolean;
BEGIN
  IF NEW.person_id IS NULL OR NEW.delete_time IS NOT NULL OR NEW.state IN ('REJECTED', 'WITHDRAWN') THEN
    RETURN NULL;
  END IF;
  PERFORM contest_hold(NEW.region_code, NEW.contest_id);
  PERFORM set_config('rsnms.scopes', '*', true);
  judges := EXISTS (
    SELECT FROM contest c
     WHERE c.region_code = NEW.region_code AND c.id = NEW.contest_id AND NEW.person_id::text = ANY (c.jury_ids));
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF judges THEN
    RAISE EXCEPTION 'a member of the jury competes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_jury AFTER INSERT OR UPDATE OF person_id, state, delete_time ON contest_entry
  FOR EACH ROW EXECUTE FUNCTION contest_entry_refuse_jury();

CREATE FUNCTION contest_refuse_entrant() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  competes boolean;
BEGIN
  IF NEW.jury_ids = OLD.jury_ids OR NEW.delete_time IS NOT NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('rsnms.scopes', '*', true);
  competes := EXISTS (
    SELECT FROM contest_entry e
     WHERE e.region_code = NEW.region_code AND e.contest_id = NEW.id AND e.delete_time IS NULL
       AND e.state NOT IN ('REJECTED', 'WITHDRAWN') AND e.person_id::text = ANY (NEW.jury_ids));
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF competes THEN
    RAISE EXCEPTION 'a member of the jury competes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_entrant AFTER UPDATE OF jury_ids ON contest
  FOR EACH ROW EXECUTE FUNCTION contest_refuse_entrant();

-- The yearly number of a programme's grants is the quota of its one call of that year (Dagestan R02).
CREATE UNIQUE INDEX grant_call_once
  ON grant_call (region_code, year, person_search_form(translate(title, '«»„“”"', ''))) WHERE delete_time IS NULL;

-- A document stands under others, a plan is consolidated into another: never, by way of others, into itself. One writer
-- per region and table looks at a time, in a statement that begins after the wait for the lock.
CREATE FUNCTION document_refuse_cycle() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  closed boolean;
BEGIN
  IF NEW.parent_document_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('document/' || NEW.region_code, 0));
  PERFORM set_config('rsnms.scopes', '*', true);
  closed := EXISTS (
    WITH RECURSIVE above (id) AS (
      SELECT NEW.parent_document_id
      UNION
      SELECT d.parent_document_id
        FROM above a JOIN document d ON d.region_code = NEW.region_code AND d.id = a.id
       WHERE d.parent_document_id IS NOT NULL
    )
    SELECT FROM above WHERE id = NEW.id
  );
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF closed THEN
    RAISE EXCEPTION 'documents close a circle' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_cycle AFTER INSERT OR UPDATE OF parent_document_id ON document
  FOR EACH ROW EXECUTE FUNCTION document_refuse_cycle();

CREATE FUNCTION event_plan_refuse_cycle() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  closed boolean;
BEGIN
  IF NEW.consolidated_into_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('event_plan/' || NEW.region_code, 0));
  PERFORM set_config('rsnms.scopes', '*', true);
  closed := EXISTS (
    WITH RECURSIVE above (id) AS (
      SELECT NEW.consolidated_into_id
      UNION
      SELECT p.consolidated_into_id
        FROM above a JOIN event_plan p ON p.region_code = NEW.region_code AND p.id = a.id
       WHERE p.consolidated_into_id IS NOT NULL
    )
    SELECT FROM above WHERE id = NEW.id
  );
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF closed THEN
    RAISE EXCEPTION 'plans close a circle' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_cycle AFTER INSERT OR UPDATE OF consolidated_into_id ON event_plan
  FOR EACH ROW EXECUTE FUNCTION event_plan_refuse_cycle();
