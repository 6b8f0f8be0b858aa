-- Events, contests and plans are public within a region (policy `open`); who takes part is seen by those who see the
-- organiser or the person. The entry's reference to a practice becomes a foreign key with the practices.

CREATE TABLE contest (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  level text NOT NULL,
  year integer NOT NULL,
  organisation_id uuid NOT NULL,
  regulation_document text NOT NULL,
  nominations text[] NOT NULL,
  jury_ids text[] NOT NULL,
  state text NOT NULL,
  entries_until_date date,
  results_document text NOT NULL,
  results_date date,
  bank_title text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX contest_title ON contest (region_code, title, id);
CREATE INDEX contest_title_trigram ON contest USING gin (title gin_trgm_ops);
CREATE INDEX contest_level ON contest (region_code, level, id);
CREATE INDEX contest_year ON contest (region_code, year, id);
CREATE INDEX contest_organisation ON contest (region_code, organisation_id, id);
CREATE INDEX contest_state ON contest (region_code, state, id);
CREATE INDEX contest_results_date ON contest (region_code, results_date, id);
ALTER TABLE contest ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON contest USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = contest.region_code AND o.id = contest.organisation_id));
CREATE POLICY open ON contest FOR SELECT USING (scope_touches(region_code));

CREATE TABLE event_plan (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  year integer NOT NULL,
  level text NOT NULL,
  title text NOT NULL,
  state text NOT NULL,
  approving_document text NOT NULL,
  approved_date date,
  consolidated_into_id uuid,
  report text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, consolidated_into_id) REFERENCES event_plan (region_code, id),
  CHECK (consolidated_into_id <> id)
);
CREATE INDEX event_plan_organisation ON event_plan (region_code, organisation_id, id);
CREATE INDEX event_plan_year ON event_plan (region_code, year, id);
CREATE INDEX event_plan_state ON event_plan (region_code, state, id);
CREATE INDEX event_plan_consolidated_into ON event_plan (region_code, consolidated_into_id, id);
ALTER TABLE event_plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON event_plan USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = event_plan.region_code AND o.id = event_plan.organisation_id));
CREATE POLICY open ON event_plan FOR SELECT USING (scope_touches(region_code));

CREATE TABLE event (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  form text NOT NULL,
  level text NOT NULL,
  delivery text NOT NULL,
  organisation_id uuid NOT NULL,
  co_organisers_ids text[] NOT NULL,
  municipality_id text,
  community_id uuid,
  plan_id uuid,
  contest_id uuid,
  stage_number integer,
  start_date date NOT NULL,
  end_date date,
  place text NOT NULL,
  theme text NOT NULL,
  subject_codes text[] NOT NULL,
  capacity integer,
  clause text NOT NULL,
  state text NOT NULL,
  held_date date,
  attended_count integer NOT NULL,
  report text NOT NULL,
  materials_urls text[] NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, community_id) REFERENCES community (region_code, id),
  FOREIGN KEY (region_code, plan_id) REFERENCES event_plan (region_code, id),
  FOREIGN KEY (region_code, contest_id) REFERENCES contest (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX event_title ON event (region_code, title, id);
CREATE INDEX event_title_trigram ON event USING gin (title gin_trgm_ops);
CREATE INDEX event_form ON event (region_code, form, id);
CREATE INDEX event_level ON event (region_code, level, id);
CREATE INDEX event_organisation ON event (region_code, organisation_id, id);
CREATE INDEX event_municipality ON event (region_code, municipality_id, id);
CREATE INDEX event_community ON event (region_code, community_id, id);
CREATE INDEX event_plan_index ON event (region_code, plan_id, id);
CREATE INDEX event_contest ON event (region_code, contest_id, id);
CREATE INDEX event_start_date ON event (region_code, start_date, id);
CREATE INDEX event_subject_codes ON event USING gin (subject_codes);
CREATE INDEX event_state ON event (region_code, state, id);
ALTER TABLE event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON event USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = event.region_code AND o.id = event.organisation_id));
CREATE POLICY open ON event FOR SELECT USING (scope_touches(region_code));

CREATE TABLE participation (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  event_id uuid NOT NULL,
  person_id uuid NOT NULL,
  role text NOT NULL,
  sending_organisation_id uuid,
  state text NOT NULL,
  result text NOT NULL,
  certificate_number text NOT NULL,
  hours integer,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, event_id) REFERENCES event (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, sending_organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX participation_event ON participation (region_code, event_id, id);
CREATE INDEX participation_person ON participation (region_code, person_id, id);
CREATE INDEX participation_sending_organisation ON participation (region_code, sending_organisation_id, id);
CREATE INDEX participation_state ON participation (region_code, state, id);
CREATE INDEX participation_organisation ON participation (region_code, organisation_id, id);
ALTER TABLE participation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON participation USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = participation.region_code AND o.id = participation.organisation_id)
  OR EXISTS (SELECT FROM person p WHERE p.region_code = participation.region_code AND p.id = participation.person_id));

CREATE TABLE contest_entry (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  contest_id uuid NOT NULL,
  person_id uuid,
  entrant_organisation_id uuid,
  nomination text NOT NULL,
  title text NOT NULL,
  state text NOT NULL,
  stage_results jsonb NOT NULL,
  award text NOT NULL,
  place integer,
  points numeric,
  practice_id uuid,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, contest_id) REFERENCES contest (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, entrant_organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (person_id IS NOT NULL OR entrant_organisation_id IS NOT NULL)
);
CREATE INDEX contest_entry_contest ON contest_entry (region_code, contest_id, id);
CREATE INDEX contest_entry_person ON contest_entry (region_code, person_id, id);
CREATE INDEX contest_entry_entrant_organisation ON contest_entry (region_code, entrant_organisation_id, id);
CREATE INDEX contest_entry_state ON contest_entry (region_code, state, id);
CREATE INDEX contest_entry_practice ON contest_entry (region_code, practice_id, id);
CREATE INDEX contest_entry_organisation ON contest_entry (region_code, organisation_id, id);
ALTER TABLE contest_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON contest_entry USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = contest_entry.region_code AND o.id IN (contest_entry.organisation_id, contest_entry.entrant_organisation_id))
  OR EXISTS (SELECT FROM person p WHERE p.region_code = contest_entry.region_code AND p.id = contest_entry.person_id));

-- One living plan per organisation and year; a person once in an event in one role; stages numbered once.
CREATE UNIQUE INDEX event_plan_once ON event_plan (region_code, organisation_id, year) WHERE delete_time IS NULL;
CREATE UNIQUE INDEX participation_once ON participation (region_code, event_id, person_id, role)
  WHERE delete_time IS NULL AND state <> 'CANCELLED';
CREATE UNIQUE INDEX event_stage_once ON event (region_code, contest_id, stage_number)
  WHERE delete_time IS NULL AND state <> 'CANCELLED';
CREATE UNIQUE INDEX contest_entry_once ON contest_entry (region_code, contest_id, person_id, nomination)
  WHERE delete_time IS NULL AND state NOT IN ('WITHDRAWN', 'REJECTED');

-- Places of an event. Takes the event's row for the rest of the transaction, so that one writer counts at a time, and
-- counts in a statement of its own, hence after the winner's commit. Looks past the writer's scope: who registers
-- neither sees all participations nor may change the event. A row of its own id is not counted.
CREATE FUNCTION event_places(region text, event_id uuid, except_id uuid, OUT state text, OUT capacity integer, OUT taken integer)
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  SELECT e.state, e.capacity INTO state, capacity
    FROM event e WHERE e.region_code = region AND e.id = event_id AND e.delete_time IS NULL FOR NO KEY UPDATE;
  SELECT count(*) INTO taken
    FROM participation p
   WHERE p.region_code = region AND p.event_id = event_places.event_id AND p.id IS DISTINCT FROM except_id
     AND p.delete_time IS NULL AND p.state <> 'CANCELLED' AND p.role NOT IN ('JURY', 'ORGANISER');
  PERFORM set_config('rsnms.scopes', scopes, true);
END
$$;

-- Holds a contest against approval of its results for the rest of the transaction; answers its state.
CREATE FUNCTION contest_hold(region text, contest_id uuid) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  found_state text;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  SELECT c.state INTO found_state
    FROM contest c WHERE c.region_code = region AND c.id = contest_id AND c.delete_time IS NULL FOR SHARE;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN found_state;
END
$$;

-- No event takes more people than it has places, whoever writes.
CREATE FUNCTION participation_refuse_overflow() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  places record;
BEGIN
  IF NEW.delete_time IS NULL AND NEW.state <> 'CANCELLED' AND NEW.role NOT IN ('JURY', 'ORGANISER') THEN
    SELECT * INTO places FROM event_places(NEW.region_code, NEW.event_id, NULL);
    IF places.taken > places.capacity THEN
      RAISE EXCEPTION 'the event has no places left' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_overflow AFTER INSERT OR UPDATE OF state, role, delete_time ON participation
  FOR EACH ROW EXECUTE FUNCTION participation_refuse_overflow();

CREATE FUNCTION event_refuse_overflow() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  places record;
BEGIN
  IF NEW.capacity IS NOT NULL AND NEW.capacity IS DISTINCT FROM OLD.capacity THEN
    SELECT * INTO places FROM event_places(NEW.region_code, NEW.id, NULL);
    IF places.taken > NEW.capacity THEN
      RAISE EXCEPTION 'the event has more people than places' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_overflow AFTER UPDATE OF capacity ON event
  FOR EACH ROW EXECUTE FUNCTION event_refuse_overflow();
