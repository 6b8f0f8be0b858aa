-- The methodological asset, and the register of staff of municipal methodological services.
CREATE TABLE asset_regulation (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  document text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  attachment_limit int NOT NULL,
  selection_months jsonb NOT NULL,
  training_topic_codes text[] NOT NULL,
  PRIMARY KEY (region_code, id),
  CHECK (end_date >= start_date),
  CONSTRAINT asset_regulation_one EXCLUDE USING gist (
    (region_code::int) WITH =, daterange(start_date, end_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX asset_regulation_start ON asset_regulation (region_code, start_date, id);

CREATE TABLE methodologist (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  subject_codes text[] NOT NULL,
  nomination_date date NOT NULL,
  assessment_document text NOT NULL,
  state text NOT NULL,
  regulation_id uuid,
  diagnostics_result_id uuid,
  diagnosed_date date,
  completion_id uuid,
  trained_date date,
  contract_kind text NOT NULL,
  contract_number text NOT NULL,
  contract_date date,
  contract_start_date date,
  contract_end_date date,
  attachment_limit int NOT NULL,
  activation_date date,
  release_date date,
  release_reason text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, regulation_id) REFERENCES asset_regulation (region_code, id),
  CHECK (contract_end_date >= contract_start_date)
);
-- A person stands in the asset at most once at a time.
CREATE UNIQUE INDEX methodologist_one_living ON methodologist (region_code, person_id)
  WHERE state NOT IN ('RELEASED', 'REJECTED') AND delete_time IS NULL;
CREATE INDEX methodologist_person ON methodologist (region_code, person_id, id);
CREATE INDEX methodologist_organisation ON methodologist (region_code, organisation_id, id);
CREATE INDEX methodologist_municipality ON methodologist (region_code, municipality_id, id);
CREATE INDEX methodologist_nomination ON methodologist (region_code, nomination_date, id);
CREATE INDEX methodologist_state ON methodologist (region_code, state, id);
CREATE INDEX methodologist_contract_end ON methodologist (region_code, contract_end_date, id);

CREATE TABLE attachment (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  methodologist_id uuid NOT NULL,
  educator_id uuid NOT NULL,
  methodologist_person_id uuid,
  organisation_id uuid,
  municipality_id text,
  start_date date NOT NULL,
  end_date date,
  purpose text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, methodologist_id) REFERENCES methodologist (region_code, id),
  FOREIGN KEY (region_code, educator_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, methodologist_person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (end_date >= start_date),
  CONSTRAINT attachment_not_self CHECK (educator_id <> methodologist_person_id),
  CONSTRAINT attachment_once EXCLUDE USING gist (
    educator_id WITH =, methodologist_id WITH =, (region_code::int) WITH =,
    daterange(start_date, end_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX attachment_methodologist ON attachment (region_code, methodologist_id, id);
CREATE INDEX attachment_educator ON attachment (region_code, educator_id, id);
CREATE INDEX attachment_organisation ON attachment (region_code, organisation_id, id);
CREATE INDEX attachment_municipality ON attachment (region_code, municipality_id, id);
CREATE INDEX attachment_start ON attachment (region_code, start_date, id);

-- The constraint a methodologist's living attachments break, null when none: they begin and end within the contract and
-- before a release, and on no day there are more of them than the limit. An open end lasts as long as the contract.
CREATE FUNCTION methodologist_overburden(region text, methodologist uuid) RETURNS text
  LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN EXISTS (
      SELECT FROM attachment a
       WHERE a.region_code = region AND a.methodologist_id = methodologist AND a.delete_time IS NULL
         AND (a.start_date < m.contract_start_date
              OR greatest(a.start_date, a.end_date) > m.contract_end_date
              OR coalesce(a.end_date, 'infinity') > m.release_date)
    ) THEN 'attachment_inside_contract'
    WHEN m.attachment_limit > 0 AND m.attachment_limit < (
      SELECT max(load) FROM (
        SELECT sum(step) OVER (ORDER BY day, step) AS load
          FROM attachment a, LATERAL (VALUES (a.start_date, 1), (a.end_date + 1, -1)) AS event (day, step)
         WHERE a.region_code = region AND a.methodologist_id = methodologist AND a.delete_time IS NULL
           AND day IS NOT NULL
      ) AS loads
    ) THEN 'attachment_limit'
  END
    FROM methodologist m WHERE m.region_code = region AND m.id = methodologist
$$;

-- One writer per methodologist counts at a time: after the lock each statement sees what the winner committed (READ
-- COMMITTED). Looks past the writer's scope.
CREATE FUNCTION attachment_keep_limit() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  broken text;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  PERFORM FROM methodologist m
    WHERE (m.region_code, m.id) IN (SELECT region_code, methodologist_id FROM written WHERE delete_time IS NULL)
    ORDER BY m.region_code, m.id
      FOR NO KEY UPDATE;
  IF TG_OP = 'INSERT' AND EXISTS (
    SELECT FROM written w JOIN methodologist m ON m.region_code = w.region_code AND m.id = w.methodologist_id
     WHERE m.state <> 'ACTIVE' AND w.delete_time IS NULL
  ) THEN
    RAISE EXCEPTION 'the methodologist does not work'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_active_methodologist';
  END IF;
  SELECT excess INTO broken
    FROM (SELECT DISTINCT region_code, methodologist_id FROM written WHERE delete_time IS NULL) AS w,
         methodologist_overburden(w.region_code, w.methodologist_id) AS excess
   WHERE excess IS NOT NULL LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'attachments exceed what the contract allows' USING ERRCODE = 'check_violation', CONSTRAINT = broken;
  END IF;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_limit_inserted AFTER INSERT ON attachment
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION attachment_keep_limit();
CREATE TRIGGER keep_limit_updated AFTER UPDATE ON attachment
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION attachment_keep_limit();

-- All living attachments of these methodologists, whoever may see them: what their limit is counted over.
CREATE FUNCTION attachment_periods(region text, methodologists uuid[])
  RETURNS TABLE (id uuid, methodologist_id uuid, educator_id uuid, start_date date, end_date date)
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  RETURN QUERY
    SELECT a.id, a.methodologist_id, a.educator_id, a.start_date, a.end_date FROM attachment a
     WHERE a.region_code = region AND a.methodologist_id = ANY (methodologists) AND a.delete_time IS NULL;
  PERFORM set_config('rsnms.scopes', scopes, true);
END
$$;

-- A contract is not narrowed under its attachments.
CREATE FUNCTION methodologist_keep_attachments() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  broken text;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  broken := methodologist_overburden(NEW.region_code, NEW.id);
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'attachments exceed what the contract allows' USING ERRCODE = 'check_violation', CONSTRAINT = broken;
  END IF;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_attachments AFTER UPDATE ON methodologist FOR EACH ROW
  WHEN ((OLD.contract_start_date, OLD.contract_end_date, OLD.attachment_limit, OLD.release_date)
        IS DISTINCT FROM (NEW.contract_start_date, NEW.contract_end_date, NEW.attachment_limit, NEW.release_date))
  EXECUTE FUNCTION methodologist_keep_attachments();

CREATE TABLE work_plan (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  methodologist_id uuid NOT NULL,
  plan_year int NOT NULL,
  person_id uuid,
  organisation_id uuid,
  municipality_id text,
  title text NOT NULL,
  state text NOT NULL,
  approval_document text NOT NULL,
  approval_date date,
  report_text text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, methodologist_id) REFERENCES methodologist (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id)
);
CREATE UNIQUE INDEX work_plan_one_a_year ON work_plan (region_code, methodologist_id, plan_year)
  WHERE delete_time IS NULL;
CREATE INDEX work_plan_methodologist ON work_plan (region_code, methodologist_id, id);
CREATE INDEX work_plan_year ON work_plan (region_code, plan_year, id);
CREATE INDEX work_plan_person ON work_plan (region_code, person_id, id);
CREATE INDEX work_plan_organisation ON work_plan (region_code, organisation_id, id);
CREATE INDEX work_plan_municipality ON work_plan (region_code, municipality_id, id);
CREATE INDEX work_plan_state ON work_plan (region_code, state, id);

CREATE TABLE work_plan_item (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  work_plan_id uuid NOT NULL,
  person_id uuid,
  organisation_id uuid,
  municipality_id text,
  function text NOT NULL,
  title text NOT NULL,
  due_date date NOT NULL,
  expected_result text NOT NULL,
  state text NOT NULL,
  mark_date date,
  mark_text text NOT NULL,
  evidence text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, work_plan_id) REFERENCES work_plan (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id)
);
CREATE INDEX work_plan_item_plan ON work_plan_item (region_code, work_plan_id, id);
CREATE INDEX work_plan_item_person ON work_plan_item (region_code, person_id, id);
CREATE INDEX work_plan_item_organisation ON work_plan_item (region_code, organisation_id, id);
CREATE INDEX work_plan_item_municipality ON work_plan_item (region_code, municipality_id, id);
CREATE INDEX work_plan_item_due ON work_plan_item (region_code, due_date, id);
CREATE INDEX work_plan_item_state ON work_plan_item (region_code, state, id);

-- Items come, change and go while their plan is a draft; afterwards they are only marked.
CREATE FUNCTION work_plan_item_keep_plan() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  plan text;
BEGIN
  SELECT p.state INTO plan FROM work_plan p
   WHERE p.region_code = NEW.region_code AND p.id = NEW.work_plan_id FOR SHARE;
  IF plan IS DISTINCT FROM 'DRAFT' AND (TG_OP = 'INSERT' OR OLD.delete_time IS DISTINCT FROM NEW.delete_time) THEN
    RAISE EXCEPTION 'the plan is approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'work_plan_item_in_draft';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER keep_plan BEFORE INSERT OR UPDATE ON work_plan_item
  FOR EACH ROW EXECUTE FUNCTION work_plan_item_keep_plan();

CREATE TABLE mms_staff_member (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  post_title text NOT NULL,
  municipal_tutor boolean NOT NULL,
  include_date date NOT NULL,
  exclude_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (exclude_date >= include_date),
  CONSTRAINT mms_staff_member_once EXCLUDE USING gist (
    person_id WITH =, organisation_id WITH =, (region_code::int) WITH =,
    daterange(include_date, exclude_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX mms_staff_member_person ON mms_staff_member (region_code, person_id, id);
CREATE INDEX mms_staff_member_organisation ON mms_staff_member (region_code, organisation_id, id);
CREATE INDEX mms_staff_member_municipality ON mms_staff_member (region_code, municipality_id, id);
CREATE INDEX mms_staff_member_include ON mms_staff_member (region_code, include_date, id);

CREATE TABLE mms_training (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  staff_member_id uuid NOT NULL,
  person_id uuid,
  organisation_id uuid,
  municipality_id text,
  programme_title text NOT NULL,
  provider_id uuid,
  duration_hours int NOT NULL,
  agreement_document text NOT NULL,
  agreement_start_date date NOT NULL,
  agreement_end_date date,
  start_date date NOT NULL,
  end_date date NOT NULL,
  state text NOT NULL,
  certificate_number text NOT NULL,
  completion_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, staff_member_id) REFERENCES mms_staff_member (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, provider_id) REFERENCES organisation (region_code, id),
  CHECK (end_date >= start_date),
  CONSTRAINT mms_training_inside_agreement CHECK (
    daterange(start_date, end_date, '[]') <@ daterange(agreement_start_date, agreement_end_date, '[]'))
);
CREATE INDEX mms_training_staff_member ON mms_training (region_code, staff_member_id, id);
CREATE INDEX mms_training_person ON mms_training (region_code, person_id, id);
CREATE INDEX mms_training_organisation ON mms_training (region_code, organisation_id, id);
CREATE INDEX mms_training_municipality ON mms_training (region_code, municipality_id, id);
CREATE INDEX mms_training_start ON mms_training (region_code, start_date, id);
CREATE INDEX mms_training_state ON mms_training (region_code, state, id);

ALTER TABLE asset_regulation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON asset_regulation USING (scope_allows(region_code, NULL, NULL, NULL));
-- An attachment is seen from the educator's side and by the methodologist; a methodologist also by those who see one of
-- their attachments.
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON attachment USING (
  scope_allows(region_code, municipality_id, organisation_id::text, educator_id::text)
  OR scope_allows(region_code, NULL, NULL, methodologist_person_id::text)
);
ALTER TABLE methodologist ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON methodologist USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM attachment a
    WHERE a.region_code = methodologist.region_code AND a.methodologist_id = methodologist.id
      AND a.delete_time IS NULL
  )
);
ALTER TABLE work_plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON work_plan
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
ALTER TABLE work_plan_item ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON work_plan_item
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
ALTER TABLE mms_staff_member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mms_staff_member
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
ALTER TABLE mms_training ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mms_training
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
