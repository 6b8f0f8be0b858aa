-- Practices, experts, publications, projects, grants. What is published, projects and calls are public within a region
-- (policy `open`).

CREATE TABLE practice (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  kind text NOT NULL,
  organisation_id uuid NOT NULL,
  authors_ids text[] NOT NULL,
  direction_code text NOT NULL,
  subject_codes text[] NOT NULL,
  summary text NOT NULL,
  description text NOT NULL,
  effect_evidence text NOT NULL,
  materials_urls text[] NOT NULL,
  state text NOT NULL,
  stage text NOT NULL,
  level text NOT NULL,
  score numeric,
  expert_count integer NOT NULL,
  round integer NOT NULL,
  decision_document text NOT NULL,
  decision_date date,
  publication_url text NOT NULL,
  publish_date date,
  introduction_report text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (cardinality(authors_ids) > 0)
);
CREATE INDEX practice_title ON practice (region_code, title, id);
CREATE INDEX practice_title_trigram ON practice USING gin (title gin_trgm_ops);
CREATE INDEX practice_kind ON practice (region_code, kind, id);
CREATE INDEX practice_organisation ON practice (region_code, organisation_id, id);
CREATE INDEX practice_authors ON practice USING gin (authors_ids);
CREATE INDEX practice_direction_code ON practice (region_code, direction_code, id);
CREATE INDEX practice_subject_codes ON practice USING gin (subject_codes);
CREATE INDEX practice_state ON practice (region_code, state, id);
CREATE INDEX practice_stage ON practice (region_code, stage, id);
CREATE INDEX practice_level ON practice (region_code, level, id);
CREATE INDEX practice_decision_date ON practice (region_code, decision_date, id);
CREATE INDEX practice_publish_date ON practice (region_code, publish_date, id);
ALTER TABLE practice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON practice USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = practice.region_code AND o.id = practice.organisation_id)
  OR EXISTS (SELECT FROM unnest(practice.authors_ids) AS author WHERE scope_allows(practice.region_code, NULL, NULL, author)));
CREATE POLICY open ON practice FOR SELECT USING (state IN ('PUBLISHED', 'INTRODUCED') AND scope_touches(region_code));

CREATE TABLE practice_spread (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  practice_id uuid NOT NULL,
  form text NOT NULL,
  level text NOT NULL,
  person_id uuid NOT NULL,
  event_id uuid,
  state text NOT NULL,
  scheduled_date date,
  held_date date,
  protocol text NOT NULL,
  recognised_level text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, practice_id) REFERENCES practice (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, event_id) REFERENCES event (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX practice_spread_practice ON practice_spread (region_code, practice_id, id);
CREATE INDEX practice_spread_person ON practice_spread (region_code, person_id, id);
CREATE INDEX practice_spread_event ON practice_spread (region_code, event_id, id);
CREATE INDEX practice_spread_state ON practice_spread (region_code, state, id);
CREATE INDEX practice_spread_held_date ON practice_spread (region_code, held_date, id);
CREATE INDEX practice_spread_recognised_level ON practice_spread (region_code, recognised_level, id);
CREATE INDEX practice_spread_organisation ON practice_spread (region_code, organisation_id, id);
ALTER TABLE practice_spread ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON practice_spread USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = practice_spread.region_code AND o.id = practice_spread.organisation_id));

CREATE TABLE expert (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  fields text[] NOT NULL,
  subject_codes text[] NOT NULL,
  conflict_organisations_ids text[] NOT NULL,
  organisation_id uuid NOT NULL,
  state text NOT NULL,
  training_document text NOT NULL,
  trained_date date,
  accreditation_document text NOT NULL,
  registered_date date,
  released_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX expert_person ON expert (region_code, person_id, id);
CREATE INDEX expert_fields ON expert USING gin (fields);
CREATE INDEX expert_subject_codes ON expert USING gin (subject_codes);
CREATE INDEX expert_organisation ON expert (region_code, organisation_id, id);
CREATE INDEX expert_state ON expert (region_code, state, id);
ALTER TABLE expert ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON expert USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = expert.region_code AND o.id = expert.organisation_id));

CREATE TABLE expert_assignment (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  expert_id uuid NOT NULL,
  field text NOT NULL,
  practice_id uuid,
  contest_id uuid,
  subject text NOT NULL,
  assigned_date date NOT NULL,
  due_date date,
  state text NOT NULL,
  verdict text NOT NULL,
  score integer,
  opinion text NOT NULL,
  review_date date,
  round integer NOT NULL,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, expert_id) REFERENCES expert (region_code, id),
  FOREIGN KEY (region_code, practice_id) REFERENCES practice (region_code, id),
  FOREIGN KEY (region_code, contest_id) REFERENCES contest (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX expert_assignment_expert ON expert_assignment (region_code, expert_id, id);
CREATE INDEX expert_assignment_practice ON expert_assignment (region_code, practice_id, id);
CREATE INDEX expert_assignment_contest ON expert_assignment (region_code, contest_id, id);
CREATE INDEX expert_assignment_assigned_date ON expert_assignment (region_code, assigned_date, id);
CREATE INDEX expert_assignment_state ON expert_assignment (region_code, state, id);
CREATE INDEX expert_assignment_person ON expert_assignment (region_code, person_id, id);
CREATE INDEX expert_assignment_organisation ON expert_assignment (region_code, organisation_id, id);
ALTER TABLE expert_assignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON expert_assignment USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = expert_assignment.region_code AND o.id = expert_assignment.organisation_id));

CREATE TABLE publication (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  kind text NOT NULL,
  organisation_id uuid NOT NULL,
  authors_ids text[] NOT NULL,
  edition text NOT NULL,
  edition_level text NOT NULL,
  practice_id uuid,
  subject_codes text[] NOT NULL,
  main_field boolean NOT NULL,
  state text NOT NULL,
  review_document text NOT NULL,
  consent_document text NOT NULL,
  publish_date date,
  url text NOT NULL,
  output_data text NOT NULL,
  counts_as_training boolean NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, practice_id) REFERENCES practice (region_code, id),
  CHECK (cardinality(authors_ids) > 0)
);
CREATE INDEX publication_title ON publication (region_code, title, id);
CREATE INDEX publication_title_trigram ON publication USING gin (title gin_trgm_ops);
CREATE INDEX publication_kind ON publication (region_code, kind, id);
CREATE INDEX publication_organisation ON publication (region_code, organisation_id, id);
CREATE INDEX publication_authors ON publication USING gin (authors_ids);
CREATE INDEX publication_practice ON publication (region_code, practice_id, id);
CREATE INDEX publication_state ON publication (region_code, state, id);
CREATE INDEX publication_publish_date ON publication (region_code, publish_date, id);
ALTER TABLE publication ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON publication USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = publication.region_code AND o.id = publication.organisation_id)
  OR EXISTS (SELECT FROM unnest(publication.authors_ids) AS author WHERE scope_allows(publication.region_code, NULL, NULL, author)));
CREATE POLICY open ON publication FOR SELECT USING (state IN ('PUBLISHED', 'UPDATED') AND scope_touches(region_code));

CREATE TABLE project (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  kind text NOT NULL,
  organisation_id uuid NOT NULL,
  participants_ids text[] NOT NULL,
  curator_id uuid,
  team_ids text[] NOT NULL,
  goal text NOT NULL,
  start_date date NOT NULL,
  end_date date NOT NULL,
  state text NOT NULL,
  approving_document text NOT NULL,
  approved_date date,
  report text NOT NULL,
  product text NOT NULL,
  finished_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, curator_id) REFERENCES person (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX project_title ON project (region_code, title, id);
CREATE INDEX project_title_trigram ON project USING gin (title gin_trgm_ops);
CREATE INDEX project_kind ON project (region_code, kind, id);
CREATE INDEX project_organisation ON project (region_code, organisation_id, id);
CREATE INDEX project_participants ON project USING gin (participants_ids);
CREATE INDEX project_curator ON project (region_code, curator_id, id);
CREATE INDEX project_start_date ON project (region_code, start_date, id);
CREATE INDEX project_end_date ON project (region_code, end_date, id);
CREATE INDEX project_state ON project (region_code, state, id);
ALTER TABLE project ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON project USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = project.region_code AND o.id = project.organisation_id)
  OR scope_allows(region_code, NULL, NULL, curator_id::text));
CREATE POLICY open ON project FOR SELECT USING (scope_touches(region_code));

CREATE TABLE grant_call (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  year integer NOT NULL,
  organisation_id uuid NOT NULL,
  quota integer NOT NULL,
  amount_rubles numeric,
  applications_until_date date,
  state text NOT NULL,
  closed_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX grant_call_title ON grant_call (region_code, title, id);
CREATE INDEX grant_call_year ON grant_call (region_code, year, id);
CREATE INDEX grant_call_organisation ON grant_call (region_code, organisation_id, id);
CREATE INDEX grant_call_state ON grant_call (region_code, state, id);
ALTER TABLE grant_call ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON grant_call USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = grant_call.region_code AND o.id = grant_call.organisation_id));
CREATE POLICY open ON grant_call FOR SELECT USING (scope_touches(region_code));

CREATE TABLE grant_award (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  grant_call_id uuid NOT NULL,
  person_id uuid,
  applicant_organisation_id uuid,
  project_id uuid,
  title text NOT NULL,
  state text NOT NULL,
  points numeric,
  award_document text NOT NULL,
  award_date date,
  report_due_date date,
  amount_rubles numeric,
  report text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, grant_call_id) REFERENCES grant_call (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, applicant_organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, project_id) REFERENCES project (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (person_id IS NOT NULL OR applicant_organisation_id IS NOT NULL)
);
CREATE INDEX grant_award_grant_call ON grant_award (region_code, grant_call_id, id);
CREATE INDEX grant_award_person ON grant_award (region_code, person_id, id);
CREATE INDEX grant_award_applicant_organisation ON grant_award (region_code, applicant_organisation_id, id);
CREATE INDEX grant_award_project ON grant_award (region_code, project_id, id);
CREATE INDEX grant_award_state ON grant_award (region_code, state, id);
CREATE INDEX grant_award_award_date ON grant_award (region_code, award_date, id);
CREATE INDEX grant_award_organisation ON grant_award (region_code, organisation_id, id);
ALTER TABLE grant_award ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON grant_award USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = grant_award.region_code AND o.id IN (grant_award.organisation_id, grant_award.applicant_organisation_id)));

ALTER TABLE contest_entry
  ADD FOREIGN KEY (region_code, practice_id) REFERENCES practice (region_code, id);

-- One living entry a person; an expert once on a practice's round; an applicant once in a call.
CREATE UNIQUE INDEX expert_once ON expert (region_code, person_id) WHERE delete_time IS NULL;
CREATE UNIQUE INDEX expert_assignment_once ON expert_assignment (region_code, practice_id, round, expert_id)
  WHERE delete_time IS NULL AND practice_id IS NOT NULL AND state IN ('ASSIGNED', 'REVIEWED');
CREATE UNIQUE INDEX grant_award_once
  ON grant_award (region_code, grant_call_id, coalesce(person_id, applicant_organisation_id), coalesce(project_id, '00000000-0000-0000-0000-000000000000'::uuid))
  WHERE delete_time IS NULL;

-- An expert reads what they are to review.
CREATE POLICY review ON practice FOR SELECT USING (EXISTS (
  SELECT FROM expert_assignment a
   WHERE a.region_code = practice.region_code AND a.practice_id = practice.id AND a.delete_time IS NULL
     AND a.state IN ('ASSIGNED', 'REVIEWED') AND scope_allows(a.region_code, NULL, NULL, a.person_id::text)));

-- What search compares: lower case, ё as е. No index stands on it: under row level security only leakproof operators
-- use one, and similarity is not; search reads the region's published practices.
CREATE FUNCTION practice_search_text(title text, summary text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(lower(title || ' ' || summary), 'ё', 'е')
$$;

-- An expert never reviews their own practice, whoever writes.
CREATE FUNCTION expert_assignment_refuse_own() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  own boolean;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  own := EXISTS (
    SELECT FROM practice p JOIN expert e ON e.region_code = p.region_code AND e.id = NEW.expert_id
     WHERE p.region_code = NEW.region_code AND p.id = NEW.practice_id
       AND e.person_id::text = ANY (p.authors_ids));
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF own THEN
    RAISE EXCEPTION 'an expert reviews their own practice' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_own AFTER INSERT OR UPDATE OF expert_id, practice_id ON expert_assignment
  FOR EACH ROW EXECUTE FUNCTION expert_assignment_refuse_own();

-- Grants of a call that are awarded. Takes the call's row, so that one writer counts at a time.
CREATE FUNCTION grant_call_awarded(region text, call_id uuid, except_id uuid, OUT quota integer, OUT awarded integer)
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  SELECT c.quota INTO quota FROM grant_call c WHERE c.region_code = region AND c.id = call_id FOR NO KEY UPDATE;
  SELECT count(*) INTO awarded
    FROM grant_award g
   WHERE g.region_code = region AND g.grant_call_id = call_id AND g.id IS DISTINCT FROM except_id
     AND g.delete_time IS NULL AND g.state IN ('AWARDED', 'REPORTED');
  PERFORM set_config('rsnms.scopes', scopes, true);
END
$$;

CREATE FUNCTION grant_award_refuse_overflow() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  counts record;
BEGIN
  IF NEW.delete_time IS NULL AND NEW.state IN ('AWARDED', 'REPORTED') THEN
    SELECT * INTO counts FROM grant_call_awarded(NEW.region_code, NEW.grant_call_id, NULL);
    IF counts.awarded > counts.quota THEN
      RAISE EXCEPTION 'the call has no grants left' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER refuse_overflow AFTER INSERT OR UPDATE OF state, delete_time ON grant_award
  FOR EACH ROW EXECUTE FUNCTION grant_award_refuse_overflow();
