-- Sites and calls for them, the reserve of leaders, consulting requests. Columns follow the mapping in
-- libs/resource/engine.h.

CREATE TABLE site_call (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  title text NOT NULL,
  organisation_id uuid NOT NULL,
  criteria text NOT NULL,
  open_date date NOT NULL,
  close_date date NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (close_date >= open_date)
);
CREATE INDEX site_call_organisation ON site_call (region_code, organisation_id, id);
ALTER TABLE site_call ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON site_call USING (scope_allows(region_code, NULL, organisation_id::text, NULL));
-- Calls are announced to the whole region.
CREATE POLICY announced ON site_call FOR SELECT USING (state <> 'PREPARED' AND region_has_scope(region_code));

CREATE TABLE site (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  site_call_id uuid,
  level text NOT NULL,
  direction text NOT NULL,
  experience text NOT NULL,
  evidence_urls text[] NOT NULL,
  programme text NOT NULL,
  infrastructure text NOT NULL,
  capacity integer NOT NULL,
  applied_date date NOT NULL,
  state text NOT NULL,
  expert_opinion text NOT NULL,
  decided_date date,
  decision_document_id uuid,
  organisation_name text NOT NULL,
  status_from_date date,
  status_until_date date,
  extended_until_date date,
  last_report_date date,
  ended_date date,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, site_call_id) REFERENCES site_call (region_code, id),
  FOREIGN KEY (region_code, decision_document_id) REFERENCES document (region_code, id),
  CHECK (state NOT IN ('STATUS_GRANTED', 'SUSPENDED', 'STATUS_WITHDRAWN', 'EXPIRED') OR status_from_date IS NOT NULL),
  CHECK (state NOT IN ('STATUS_WITHDRAWN', 'EXPIRED') OR ended_date IS NOT NULL),
  CHECK (status_until_date >= status_from_date),
  CHECK (extended_until_date > status_until_date),
  CHECK (ended_date >= status_from_date),
  -- One status of a kind per body on any date.
  CONSTRAINT site_one_status EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, kind WITH =,
    daterange(status_from_date, coalesce(ended_date, extended_until_date, status_until_date), '[]') WITH &&
  ) WHERE (delete_time IS NULL AND status_from_date IS NOT NULL)
);
CREATE INDEX site_kind ON site (region_code, kind, id);
CREATE INDEX site_organisation ON site (region_code, organisation_id, id);
CREATE INDEX site_municipality ON site (region_code, municipality_id, id);
CREATE INDEX site_site_call ON site (region_code, site_call_id, id);
CREATE INDEX site_state ON site (region_code, state, id);
CREATE INDEX site_decision_document ON site (region_code, decision_document_id, id);
CREATE INDEX site_status_from_date ON site (region_code, status_from_date, id);
CREATE INDEX site_status_until_date ON site (region_code, status_until_date, id);
ALTER TABLE site ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON site USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
-- The register of sites is open to the region: educators choose where to train.
CREATE POLICY registered ON site FOR SELECT USING (status_from_date IS NOT NULL AND region_has_scope(region_code));

CREATE TABLE reserve_candidate (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  position text NOT NULL,
  motivation text NOT NULL,
  applied_date date NOT NULL,
  state text NOT NULL,
  instruments jsonb,
  included_date date,
  decision_document_id uuid,
  training_programme text NOT NULL,
  training_start_date date,
  recommended_date date,
  appointed_date date,
  appointed_organisation_id uuid,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, decision_document_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, appointed_organisation_id) REFERENCES organisation (region_code, id),
  CHECK (training_start_date >= included_date),
  CHECK (recommended_date >= training_start_date),
  CHECK (appointed_date >= recommended_date)
);
CREATE INDEX reserve_candidate_person ON reserve_candidate (region_code, person_id, id);
CREATE INDEX reserve_candidate_organisation ON reserve_candidate (region_code, organisation_id, id);
CREATE INDEX reserve_candidate_municipality ON reserve_candidate (region_code, municipality_id, id);
CREATE INDEX reserve_candidate_state ON reserve_candidate (region_code, state, id);
CREATE INDEX reserve_candidate_included_date ON reserve_candidate (region_code, included_date, id);
CREATE INDEX reserve_candidate_decision_document ON reserve_candidate (region_code, decision_document_id, id);
CREATE INDEX reserve_candidate_appointed_organisation ON reserve_candidate (region_code, appointed_organisation_id, id);
ALTER TABLE reserve_candidate ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- One living candidacy per person and post.
CREATE UNIQUE INDEX reserve_candidate_living ON reserve_candidate (region_code, person_id, position)
  WHERE delete_time IS NULL AND state NOT IN ('APPOINTED', 'EXCLUDED');
CREATE POLICY scope ON reserve_candidate
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

CREATE TABLE consulting_request (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid,
  organisation_id uuid,
  municipality_id text,
  provider_id uuid NOT NULL,
  topic text NOT NULL,
  question text NOT NULL,
  form text NOT NULL,
  received_date date NOT NULL,
  due_date date,
  state text NOT NULL,
  expert_id uuid,
  assigned_date date,
  answer text NOT NULL,
  material_urls text[] NOT NULL,
  answered_date date,
  late boolean NOT NULL,
  satisfaction integer NOT NULL,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, provider_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, expert_id) REFERENCES person (region_code, id),
  CHECK (due_date >= received_date),
  CHECK (answered_date >= received_date),
  CHECK (assigned_date >= received_date)
);
CREATE INDEX consulting_request_person ON consulting_request (region_code, person_id, id);
CREATE INDEX consulting_request_organisation ON consulting_request (region_code, organisation_id, id);
CREATE INDEX consulting_request_municipality ON consulting_request (region_code, municipality_id, id);
CREATE INDEX consulting_request_provider ON consulting_request (region_code, provider_id, id);
CREATE INDEX consulting_request_topic ON consulting_request (region_code, topic, id);
CREATE INDEX consulting_request_received_date ON consulting_request (region_code, received_date, id);
CREATE INDEX consulting_request_due_date ON consulting_request (region_code, due_date, id);
CREATE INDEX consulting_request_state ON consulting_request (region_code, state, id);
CREATE INDEX consulting_request_expert ON consulting_request (region_code, expert_id, id);
ALTER TABLE consulting_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- Seen by who asks, by their body and by the body that answers.
CREATE POLICY scope ON consulting_request USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
  OR scope_allows(region_code, NULL, provider_id::text, NULL)
);
