-- Plans of training, gathered from orders.

CREATE TABLE training_plan (
  region_code       text        NOT NULL,
  id                uuid        NOT NULL,
  version           bigint      NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  delete_time       timestamptz,
  state             text        NOT NULL,
  state_reason      text        NOT NULL,
  organisation_id   uuid,
  municipality_id   text,
  title             text        NOT NULL,
  start_year        integer     NOT NULL,
  end_year          integer     NOT NULL,
  lines             jsonb       NOT NULL,
  gathering         jsonb,
  line_groups       jsonb       NOT NULL,
  approval_document text        NOT NULL,
  approval_date     date,
  revision          integer     NOT NULL,
  former_id         uuid,
  superseded_by_id  uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, former_id) REFERENCES training_plan (region_code, id),
  FOREIGN KEY (region_code, superseded_by_id) REFERENCES training_plan (region_code, id),
  CHECK (end_year BETWEEN start_year AND start_year + 9)
);
CREATE INDEX training_plan_state ON training_plan (region_code, state, id);
CREATE INDEX training_plan_organisation ON training_plan (region_code, organisation_id, id);
CREATE INDEX training_plan_municipality ON training_plan (region_code, municipality_id, id);
CREATE INDEX training_plan_start_year ON training_plan (region_code, start_year, id);
CREATE INDEX training_plan_end_year ON training_plan (region_code, end_year, id);
CREATE INDEX training_plan_former ON training_plan (region_code, former_id, id);
-- One amendment of a plan in work; one plan in force of an owner and years.
CREATE UNIQUE INDEX training_plan_one_amendment ON training_plan (region_code, former_id)
  WHERE state IN ('DRAFT', 'ON_APPROVAL') AND delete_time IS NULL;
CREATE UNIQUE INDEX training_plan_one_in_force ON training_plan (region_code, start_year, end_year,
    coalesce(organisation_id::text, ''), (CASE WHEN organisation_id IS NULL THEN coalesce(municipality_id, '') ELSE '' END))
  WHERE state = 'APPROVED' AND delete_time IS NULL;
-- An organisation sees its own, a municipality its own and those of its bodies, the region all; the region's own are its alone.
ALTER TABLE training_plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON training_plan
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));

-- What was handed in or approved stays as it was, whoever writes; steps and links to groups aside.
CREATE FUNCTION training_plan_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{state,state_reason,line_groups,approval_document,approval_date,superseded_by_id,version,update_time}';
BEGIN
  IF OLD.state = 'DRAFT' OR to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a plan that is no draft does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON training_plan
  FOR EACH ROW EXECUTE FUNCTION training_plan_is_frozen();
