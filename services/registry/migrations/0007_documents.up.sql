-- Acts and their templates, agreements, appointments, research requests. Columns follow the mapping in
-- libs/resource/engine.h.

CREATE TABLE document_template (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  title text NOT NULL,
  level text NOT NULL,
  clause text NOT NULL,
  text text NOT NULL,
  blanks jsonb,
  supersedes_id uuid,
  state text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, supersedes_id) REFERENCES document_template (region_code, id)
);
CREATE INDEX document_template_supersedes ON document_template (region_code, supersedes_id, id);
ALTER TABLE document_template ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON document_template USING (scope_allows(region_code, NULL, NULL, NULL));
-- What is published is read by everybody of the region, and changed by none of them.
CREATE POLICY published ON document_template FOR SELECT USING (state <> 'DRAFT' AND region_has_scope(region_code));

CREATE TABLE document (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  title text NOT NULL,
  level text NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  clause text NOT NULL,
  parent_document_id uuid,
  template_id uuid,
  text text NOT NULL,
  file_url text NOT NULL,
  file_sha256 text NOT NULL,
  blanks jsonb,
  blank_values jsonb,
  blanks_remaining integer NOT NULL,
  final_text text NOT NULL,
  issuer_name text NOT NULL,
  supersedes_id uuid,
  series_id uuid,
  revision integer NOT NULL,
  state text NOT NULL,
  publication_state text NOT NULL,
  number text NOT NULL,
  approved_date date,
  effective_date date,
  ended_date date,
  repealed_by_id uuid,
  ground text NOT NULL,
  published_date date,
  published_url text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, parent_document_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, template_id) REFERENCES document_template (region_code, id),
  FOREIGN KEY (region_code, supersedes_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, series_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, repealed_by_id) REFERENCES document (region_code, id),
  CHECK (state IN ('DRAFT', 'REWORK', 'DISCUSSION') OR (approved_date IS NOT NULL AND blanks_remaining = 0)),
  CHECK (state NOT IN ('IN_FORCE', 'REVISED') OR effective_date IS NOT NULL),
  CHECK (effective_date >= approved_date),
  CHECK (ended_date >= effective_date),
  -- One version of an act in force on any date.
  CONSTRAINT document_one_in_force EXCLUDE USING gist (
    (coalesce(series_id, id)) WITH =, (region_code::int) WITH =, daterange(effective_date, ended_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL AND effective_date IS NOT NULL)
);
CREATE INDEX document_kind ON document (region_code, kind, id);
CREATE INDEX document_title_trigram ON document USING gin (title gin_trgm_ops);
CREATE INDEX document_organisation ON document (region_code, organisation_id, id);
CREATE INDEX document_municipality ON document (region_code, municipality_id, id);
CREATE INDEX document_clause ON document (region_code, clause, id);
CREATE INDEX document_parent_document ON document (region_code, parent_document_id, id);
CREATE INDEX document_by_template ON document (region_code, template_id, id);
CREATE INDEX document_supersedes ON document (region_code, supersedes_id, id);
CREATE INDEX document_series ON document (region_code, series_id, id);
CREATE INDEX document_state ON document (region_code, state, id);
CREATE INDEX document_number ON document (region_code, number, id);
CREATE INDEX document_approved_date ON document (region_code, approved_date, id);
CREATE INDEX document_effective_date ON document (region_code, effective_date, id);
CREATE INDEX document_repealed_by ON document (region_code, repealed_by_id, id);
ALTER TABLE document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- One living next version.
CREATE UNIQUE INDEX document_next_version ON document (region_code, supersedes_id)
  WHERE delete_time IS NULL AND supersedes_id IS NOT NULL AND state <> 'REPEALED';
CREATE POLICY scope ON document USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
CREATE POLICY published ON document FOR SELECT
  USING (publication_state = 'PUBLISHED' AND region_has_scope(region_code));

CREATE TABLE agreement (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  number text NOT NULL,
  title text NOT NULL,
  subject text NOT NULL,
  parties jsonb,
  organisations_ids text[] NOT NULL,
  obligations jsonb,
  municipalities_ids text[] NOT NULL,
  start_date date NOT NULL,
  end_date date,
  document_id uuid,
  state text NOT NULL,
  signatures jsonb,
  signed_date date,
  prolonged_until_date date,
  ended_date date,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, document_id) REFERENCES document (region_code, id),
  -- Last day of the term as it stands.
  last_date date GENERATED ALWAYS AS (coalesce(ended_date, prolonged_until_date, end_date)) STORED,
  CHECK (end_date >= start_date),
  CHECK (prolonged_until_date > end_date),
  CHECK (jsonb_array_length(parties) >= 2)
);
CREATE INDEX agreement_kind ON agreement (region_code, kind, id);
CREATE INDEX agreement_number ON agreement (region_code, number, id);
CREATE INDEX agreement_organisations ON agreement USING gin (organisations_ids);
CREATE INDEX agreement_municipalities ON agreement USING gin (municipalities_ids);
CREATE INDEX agreement_start_date ON agreement (region_code, start_date, id);
CREATE INDEX agreement_document ON agreement (region_code, document_id, id);
CREATE INDEX agreement_state ON agreement (region_code, state, id);
ALTER TABLE agreement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE INDEX agreement_last ON agreement (region_code, last_date) WHERE delete_time IS NULL AND state = 'IN_FORCE';
-- Seen by the parties and by the municipalities it covers.
CREATE POLICY scope ON agreement USING (
  scope_allows(region_code, NULL, NULL, NULL)
  OR EXISTS (SELECT FROM unnest(organisations_ids) AS o WHERE scope_allows(region_code, NULL, o, NULL))
  OR EXISTS (SELECT FROM unnest(municipalities_ids) AS m WHERE scope_allows(region_code, m, NULL, NULL))
);

CREATE TABLE appointment (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  role text NOT NULL,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  candidate_card_id uuid,
  state text NOT NULL,
  letter_number text NOT NULL,
  sent_date date,
  operator_letter_number text NOT NULL,
  decided_date date,
  order_document_id uuid,
  order_number text NOT NULL,
  organisation_name text NOT NULL,
  start_date date,
  term_end_date date,
  access_date date,
  end_date date,
  successor_id uuid,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  FOREIGN KEY (region_code, candidate_card_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, order_document_id) REFERENCES document (region_code, id),
  FOREIGN KEY (region_code, successor_id) REFERENCES appointment (region_code, id),
  CHECK (state NOT IN ('APPOINTED', 'ACCESS_GRANTED', 'REPLACED', 'RELEASED') OR start_date IS NOT NULL),
  CHECK (state NOT IN ('REPLACED', 'RELEASED') OR end_date IS NOT NULL),
  CHECK (role <> 'HEAD_OF_CENTRE' OR start_date IS NULL OR decided_date <= start_date),
  CHECK (end_date >= start_date),
  CHECK (term_end_date >= start_date),
  -- One acting person per role and body on any date.
  CONSTRAINT appointment_one_acting EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, role WITH =,
    daterange(start_date, coalesce(end_date, term_end_date), '[]') WITH &&
  ) WHERE (delete_time IS NULL AND start_date IS NOT NULL)
);
CREATE INDEX appointment_role ON appointment (region_code, role, id);
CREATE INDEX appointment_person ON appointment (region_code, person_id, id);
CREATE INDEX appointment_organisation ON appointment (region_code, organisation_id, id);
CREATE INDEX appointment_municipality ON appointment (region_code, municipality_id, id);
CREATE INDEX appointment_candidate_card ON appointment (region_code, candidate_card_id, id);
CREATE INDEX appointment_state ON appointment (region_code, state, id);
CREATE INDEX appointment_order_document ON appointment (region_code, order_document_id, id);
CREATE INDEX appointment_start_date ON appointment (region_code, start_date, id);
CREATE INDEX appointment_successor ON appointment (region_code, successor_id, id);
ALTER TABLE appointment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON appointment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

CREATE TABLE research_request (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  topic text NOT NULL,
  problem text NOT NULL,
  deficit_analytics text NOT NULL,
  state text NOT NULL,
  approved_date date,
  letter_number text NOT NULL,
  sent_date date,
  support_centre text NOT NULL,
  answer text NOT NULL,
  answered_date date,
  result text NOT NULL,
  result_url text NOT NULL,
  result_date date,
  organisation_name text NOT NULL,
  ground text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (state IN ('DRAFT', 'APPROVED_INTERNALLY') OR sent_date IS NOT NULL),
  CHECK (sent_date >= approved_date),
  CHECK (answered_date >= sent_date),
  CHECK (result_date >= answered_date)
);
CREATE INDEX research_request_organisation ON research_request (region_code, organisation_id, id);
CREATE INDEX research_request_municipality ON research_request (region_code, municipality_id, id);
CREATE INDEX research_request_state ON research_request (region_code, state, id);
CREATE INDEX research_request_sent_date ON research_request (region_code, sent_date, id);
ALTER TABLE research_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON research_request
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
