-- Versions of programmes, opinions of experts on them, the region's rules.

CREATE TABLE training_rules (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  document text NOT NULL,
  start_date date NOT NULL,
  least_development_hours integer NOT NULL,
  least_retraining_hours integer NOT NULL,
  least_experts integer NOT NULL CHECK (least_experts >= 2),
  criteria jsonb NOT NULL,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX training_rules_start_date ON training_rules (region_code, start_date, id);
CREATE UNIQUE INDEX training_rules_once ON training_rules (region_code, start_date) WHERE delete_time IS NULL;
ALTER TABLE training_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON training_rules USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE programme_version (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  programme_id uuid,
  number integer NOT NULL,
  state text NOT NULL,
  state_reason text NOT NULL,
  title text NOT NULL,
  kind text NOT NULL,
  provider_id uuid NOT NULL,
  provider_title text NOT NULL,
  provider_inn text NOT NULL,
  authors_ids text[] NOT NULL,
  ground text NOT NULL,
  duration_hours integer NOT NULL,
  internship_hours integer NOT NULL,
  internship_sites_ids text[] NOT NULL,
  form text NOT NULL,
  distance boolean NOT NULL,
  network_partners jsonb NOT NULL,
  cascade boolean NOT NULL,
  listener_categories text[] NOT NULL,
  entry_requirements text NOT NULL,
  competencies jsonb NOT NULL,
  topic_codes text[] NOT NULL,
  price_rubles numeric,
  annotation text NOT NULL,
  goal text NOT NULL,
  planned_results text NOT NULL,
  conditions text NOT NULL,
  assessment_materials text NOT NULL,
  final_control text NOT NULL,
  syllabus jsonb NOT NULL,
  acts jsonb NOT NULL,
  round integer NOT NULL,
  positive_reviews integer NOT NULL,
  given_reviews integer NOT NULL,
  approval_document text NOT NULL,
  approval_date date,
  submission_date date,
  submission_number text NOT NULL,
  register_answer_date date,
  federal_register_number text NOT NULL,
  withdrawal_date date,
  superseded_by_id uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  FOREIGN KEY (region_code, superseded_by_id) REFERENCES programme_version (region_code, id),
  CHECK (cardinality(authors_ids) > 0)
);
CREATE INDEX programme_version_programme ON programme_version (region_code, programme_id, id);
CREATE INDEX programme_version_state ON programme_version (region_code, state, id);
CREATE INDEX programme_version_title ON programme_version (region_code, title, id);
CREATE INDEX programme_version_title_trigram ON programme_version USING gin (title gin_trgm_ops);
CREATE INDEX programme_version_kind ON programme_version (region_code, kind, id);
CREATE INDEX programme_version_provider ON programme_version (region_code, provider_id, id);
CREATE INDEX programme_version_authors ON programme_version USING gin (authors_ids);
CREATE INDEX programme_version_duration_hours ON programme_version (region_code, duration_hours, id);
CREATE INDEX programme_version_form ON programme_version (region_code, form, id);
CREATE INDEX programme_version_listener_categories ON programme_version USING gin (listener_categories);
CREATE INDEX programme_version_topic_codes ON programme_version USING gin (topic_codes);
CREATE INDEX programme_version_approval_date ON programme_version (region_code, approval_date, id);
CREATE INDEX programme_version_register_number ON programme_version (region_code, federal_register_number, id);
CREATE INDEX programme_version_superseded_by ON programme_version (region_code, superseded_by_id);
-- Numbers of a programme's versions do not repeat; one version of it is written at a time.
CREATE UNIQUE INDEX programme_version_number ON programme_version (region_code, programme_id, number)
  WHERE programme_id IS NOT NULL;
CREATE UNIQUE INDEX programme_version_one_in_work ON programme_version (region_code, programme_id)
  WHERE programme_id IS NOT NULL AND delete_time IS NULL AND state IN ('DRAFT', 'EXPERTISE', 'REWORK');

CREATE TABLE expert_review (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  programme_version_id uuid NOT NULL,
  expert_id uuid NOT NULL,
  person_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  round integer NOT NULL,
  assigned_date date NOT NULL,
  due_date date,
  state text NOT NULL,
  state_reason text NOT NULL,
  decision text NOT NULL,
  marks jsonb NOT NULL,
  remarks jsonb NOT NULL,
  opinion text NOT NULL,
  review_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_version_id) REFERENCES programme_version (region_code, id)
);
CREATE INDEX expert_review_programme_version ON expert_review (region_code, programme_version_id, id);
CREATE INDEX expert_review_expert ON expert_review (region_code, expert_id, id);
CREATE INDEX expert_review_person ON expert_review (region_code, person_id, id);
CREATE INDEX expert_review_provider ON expert_review (region_code, provider_id, id);
CREATE INDEX expert_review_due_date ON expert_review (region_code, due_date, id);
CREATE INDEX expert_review_state ON expert_review (region_code, state, id);
-- An expert judges a version once in a round.
CREATE UNIQUE INDEX expert_review_once ON expert_review (region_code, programme_version_id, round, expert_id)
  WHERE delete_time IS NULL AND state IN ('ASSIGNED', 'GIVEN');
-- The region asks experts and the expert answers; the provider's people read what was said of their programme.
ALTER TABLE expert_review ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON expert_review USING (scope_allows(region_code, NULL, NULL, person_id::text));
CREATE POLICY provider ON expert_review FOR SELECT USING (scope_allows(region_code, NULL, provider_id::text, NULL));

-- The provider writes its versions; authors and the experts asked read them.
ALTER TABLE programme_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON programme_version USING (scope_allows(region_code, NULL, provider_id::text, NULL));
CREATE POLICY authors ON programme_version FOR SELECT USING (EXISTS (
  SELECT FROM unnest(programme_version.authors_ids) AS author
   WHERE scope_allows(programme_version.region_code, NULL, NULL, author)));
CREATE POLICY review ON programme_version FOR SELECT USING (EXISTS (
  SELECT FROM expert_review r
   WHERE r.region_code = programme_version.region_code AND r.programme_version_id = programme_version.id
     AND r.delete_time IS NULL AND r.state IN ('ASSIGNED', 'GIVEN')
     AND scope_allows(r.region_code, NULL, NULL, r.person_id::text)));

-- What experts judge and what was approved stays as it was, whoever writes; steps and merged people aside.
CREATE FUNCTION programme_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{programme_id,state,state_reason,authors_ids,round,positive_reviews,given_reviews,approval_document,approval_date,submission_date,submission_number,register_answer_date,federal_register_number,withdrawal_date,superseded_by_id,version,update_time}';
BEGIN
  IF OLD.state IN ('DRAFT', 'REWORK') OR to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a version handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON programme_version
  FOR EACH ROW EXECUTE FUNCTION programme_version_is_frozen();

-- What a programme shows: the approved version it came from, if any, and whether that was withdrawn.
ALTER TABLE programme
  ADD COLUMN current_version_id uuid,
  ADD COLUMN withdrawn boolean NOT NULL DEFAULT false,
  ADD FOREIGN KEY (region_code, current_version_id) REFERENCES programme_version (region_code, id);
ALTER TABLE programme ALTER COLUMN withdrawn DROP DEFAULT;
