-- Those whom a group belongs to see who learns in it: its provider, which also takes the steps, and its curator.

-- Copies of the group's, so that policies look at the row alone.
ALTER TABLE enrolment
  ADD COLUMN group_provider_id uuid,
  ADD COLUMN group_curator_id uuid;
ALTER TABLE completion ADD COLUMN group_provider_id uuid;

-- The owner sees all rows; what was issued stays as it was but for who sees it.
ALTER TABLE learner_group NO FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE completion NO FORCE ROW LEVEL SECURITY;
ALTER TABLE completion DISABLE TRIGGER immutable;
UPDATE enrolment e SET group_provider_id = g.provider_id, group_curator_id = g.curator_id
  FROM learner_group g WHERE g.region_code = e.region_code AND g.id = e.group_id;
UPDATE completion c SET group_provider_id = e.group_provider_id
  FROM enrolment e
  WHERE e.region_code = c.region_code AND e.id = c.enrolment_id AND e.group_provider_id IS NOT NULL;
ALTER TABLE completion ENABLE TRIGGER immutable;
ALTER TABLE completion FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
ALTER TABLE learner_group FORCE ROW LEVEL SECURITY;

-- Whoever writes, the copies are the group's, which every scope of the region sees.
CREATE FUNCTION enrolment_copies_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT provider_id, curator_id INTO NEW.group_provider_id, NEW.group_curator_id
    FROM learner_group WHERE region_code = NEW.region_code AND id = NEW.group_id;
  RETURN NEW;
END
$$;
CREATE TRIGGER made_in_group BEFORE INSERT ON enrolment
  FOR EACH ROW WHEN (NEW.group_id IS NOT NULL) EXECUTE FUNCTION enrolment_copies_group();
CREATE TRIGGER placed_in_group BEFORE UPDATE ON enrolment
  FOR EACH ROW WHEN (NEW.group_id IS DISTINCT FROM OLD.group_id) EXECUTE FUNCTION enrolment_copies_group();

-- Another curator sees those who learn, the former one no longer does. Writers of the group's enrolments wait for its row.
CREATE FUNCTION group_hands_over() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  scopes constant text := current_setting('rsnms.scopes', true);
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);  -- whoever may name the curator
  UPDATE enrolment SET group_curator_id = NEW.curator_id
    WHERE region_code = NEW.region_code AND group_id = NEW.id;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN NULL;
END
$$;
CREATE TRIGGER hands_over AFTER UPDATE ON learner_group
  FOR EACH ROW WHEN (NEW.curator_id IS DISTINCT FROM OLD.curator_id) EXECUTE FUNCTION group_hands_over();

CREATE FUNCTION completion_copies_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT group_provider_id INTO NEW.group_provider_id
    FROM enrolment WHERE region_code = NEW.region_code AND id = NEW.enrolment_id;
  RETURN NEW;
END
$$;
CREATE TRIGGER issued_in_group BEFORE INSERT ON completion
  FOR EACH ROW EXECUTE FUNCTION completion_copies_group();

CREATE POLICY group_provider ON enrolment USING (scope_allows(region_code, NULL, group_provider_id::text, NULL));
CREATE POLICY group_curator ON enrolment FOR SELECT USING (scope_allows(region_code, NULL, NULL, group_curator_id::text));
CREATE POLICY group_provider ON completion USING (scope_allows(region_code, NULL, group_provider_id::text, NULL));
CREATE INDEX enrolment_group_provider ON enrolment (region_code, group_provider_id) WHERE group_provider_id IS NOT NULL;
