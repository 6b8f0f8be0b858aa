-- Programmes, their mirror of the federal register, enrolments and completions.
-- Runs as programs_owner with search_path = programs.

CREATE TABLE register_sync (
  region_code         text        NOT NULL,
  id                  uuid        NOT NULL,
  version             bigint      NOT NULL,
  create_time         timestamptz NOT NULL,
  update_time         timestamptz NOT NULL,
  delete_time         timestamptz,
  state               text        NOT NULL,
  mode                text        NOT NULL,
  phase               text        NOT NULL,
  cursor              text        NOT NULL,
  snapshot_version    text        NOT NULL,
  snapshot_time       timestamptz,
  changed_since       timestamptz,
  expected_count      integer     NOT NULL,
  fetched_count       integer     NOT NULL,
  page_count          integer     NOT NULL,
  applied_count       integer     NOT NULL,
  added_count         integer     NOT NULL,
  changed_count       integer     NOT NULL,
  withdrawn_count     integer     NOT NULL,
  reappeared_count    integer     NOT NULL,
  unchanged_count     integer     NOT NULL,
  rejected_count      integer     NOT NULL,
  restart_count       integer     NOT NULL,
  failure_count       integer     NOT NULL,
  missing_count       integer     NOT NULL,
  listed_before_count integer     NOT NULL,
  shrink_confirmed    boolean     NOT NULL,
  error_reason        text        NOT NULL,
  start_time          timestamptz,
  end_time            timestamptz,
  PRIMARY KEY (region_code, id)
);
-- One living run of a region at a time.
CREATE UNIQUE INDEX register_sync_one_living ON register_sync (region_code)
  WHERE state IN ('PENDING', 'RUNNING', 'NEEDS_CONFIRMATION');
CREATE INDEX register_sync_state ON register_sync (region_code, state);
CREATE INDEX register_sync_create_time ON register_sync (region_code, create_time);

CREATE TABLE programme (
  region_code             text        NOT NULL,
  id                      uuid        NOT NULL,
  version                 bigint      NOT NULL,
  create_time             timestamptz NOT NULL,
  update_time             timestamptz NOT NULL,
  delete_time             timestamptz,
  title                   text        NOT NULL,
  kind                    text        NOT NULL,
  provider_id             uuid,
  provider_title          text        NOT NULL,
  provider_inn            text        NOT NULL,
  duration_hours          integer     NOT NULL CHECK (duration_hours > 0),
  internship_hours        integer     NOT NULL CHECK (internship_hours >= 0),
  form                    text        NOT NULL,
  distance                boolean     NOT NULL,
  network                 boolean     NOT NULL,
  for_pedagogues          boolean     NOT NULL,
  for_managers            boolean     NOT NULL,
  annotation              text        NOT NULL,
  competencies            jsonb       NOT NULL,
  topic_codes             text[]      NOT NULL,
  federal_register_number text COLLATE "C" NOT NULL,
  register_state          text        NOT NULL,
  register_listed_date    date,
  register_withdrawn_date date,
  register_sha256         text        NOT NULL,
  register_sync_id        uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id)
);
-- A number of the register belongs to one programme of a region, deleted ones included: the mirror finds it again.
CREATE UNIQUE INDEX programme_register_number ON programme (region_code, federal_register_number)
  WHERE federal_register_number <> '';
CREATE INDEX programme_federal_register_number ON programme (region_code, federal_register_number);
CREATE INDEX programme_title ON programme (region_code, title);
CREATE INDEX programme_title_trigram ON programme USING gin (title gin_trgm_ops);
CREATE INDEX programme_kind ON programme (region_code, kind);
CREATE INDEX programme_provider ON programme (region_code, provider_id);
CREATE INDEX programme_provider_inn ON programme (region_code, provider_inn);
CREATE INDEX programme_duration_hours ON programme (region_code, duration_hours);
CREATE INDEX programme_form ON programme (region_code, form);
CREATE INDEX programme_topic_codes ON programme USING gin (topic_codes);
CREATE INDEX programme_register_state ON programme (region_code, register_state);

-- The register's entries exactly as they came, page by page; the last runs are kept.
CREATE TABLE register_snapshot (
  region_code      text        NOT NULL,
  register_sync_id uuid        NOT NULL,
  register_number  text        COLLATE "C" NOT NULL,  -- `?` and the hash when the entry has no readable number
  page_number      integer     NOT NULL,
  payload          bytea       NOT NULL,              -- rsnms.federal.v1.Programme, unknown fields included
  payload_sha256   text        NOT NULL,
  match_key        text        NOT NULL,              -- title and provider, for entries without a readable number
  problem          text        NOT NULL DEFAULT '',   -- why it cannot be applied
  fetch_time       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (region_code, register_sync_id, register_number),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id) ON DELETE CASCADE
);

CREATE TABLE register_change (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  register_sync_id uuid        NOT NULL,
  kind             text        NOT NULL,
  register_number  text        NOT NULL,
  programme        text        NOT NULL,              -- a name, no key: a report does not keep what it speaks of
  changed_fields   text[]      NOT NULL,
  problem          text        NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id) ON DELETE CASCADE
);
CREATE INDEX register_change_sync ON register_change (region_code, register_sync_id);
CREATE INDEX register_change_kind ON register_change (region_code, kind);

CREATE TABLE enrolment (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  person_id        uuid        NOT NULL,
  organisation_id  uuid        NOT NULL,
  municipality_id  text,
  category         text        NOT NULL,
  programme_id     uuid        NOT NULL,
  route_id         uuid,
  route_item_id    text        NOT NULL,
  basis            text        NOT NULL,
  state            text        NOT NULL,
  group_code       text        NOT NULL,
  start_date       date,
  planned_end_date date,
  state_time       timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  CHECK (basis <> 'DIAGNOSTICS' OR route_id IS NOT NULL)
);
-- A person learns by a programme once at a time.
CREATE UNIQUE INDEX enrolment_one_living ON enrolment (region_code, person_id, programme_id)
  WHERE state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS') AND delete_time IS NULL;
CREATE INDEX enrolment_person ON enrolment (region_code, person_id);
CREATE INDEX enrolment_organisation ON enrolment (region_code, organisation_id);
CREATE INDEX enrolment_municipality ON enrolment (region_code, municipality_id);
CREATE INDEX enrolment_category ON enrolment (region_code, category);
CREATE INDEX enrolment_programme ON enrolment (region_code, programme_id);
CREATE INDEX enrolment_route ON enrolment (region_code, route_id);
CREATE INDEX enrolment_basis ON enrolment (region_code, basis);
CREATE INDEX enrolment_state ON enrolment (region_code, state);
CREATE INDEX enrolment_group_code ON enrolment (region_code, group_code);
CREATE INDEX enrolment_create_time ON enrolment (region_code, create_time);

CREATE TABLE completion (
  region_code             text        NOT NULL,
  id                      uuid        NOT NULL,
  version                 bigint      NOT NULL,
  create_time             timestamptz NOT NULL,
  update_time             timestamptz NOT NULL,
  delete_time             timestamptz,
  enrolment_id            uuid        NOT NULL,
  person_id               uuid        NOT NULL,
  organisation_id         uuid        NOT NULL,
  municipality_id         text,
  category                text        NOT NULL,
  programme_id            uuid        NOT NULL,
  provider_id             uuid,
  provider_key            text        NOT NULL,
  route_id                uuid,
  route_item_id           text        NOT NULL,
  basis                   text        NOT NULL,
  certificate_number      text        NOT NULL CHECK (certificate_number <> ''),
  completion_date         date        NOT NULL,
  duration_hours          integer     NOT NULL,
  register_programme      boolean     NOT NULL,
  federal_register_number text        NOT NULL,
  chosen_by_diagnostics   boolean     NOT NULL,
  topic_codes             text[]      NOT NULL,
  competencies_ids        text[]      NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, enrolment_id) REFERENCES enrolment (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  CHECK (NOT chosen_by_diagnostics OR route_id IS NOT NULL)
);
CREATE UNIQUE INDEX completion_one_of_enrolment ON completion (region_code, enrolment_id);
CREATE UNIQUE INDEX completion_certificate_of_provider
  ON completion (region_code, provider_key, certificate_number);
CREATE INDEX completion_person ON completion (region_code, person_id);
CREATE INDEX completion_organisation ON completion (region_code, organisation_id);
CREATE INDEX completion_municipality ON completion (region_code, municipality_id);
CREATE INDEX completion_category ON completion (region_code, category);
CREATE INDEX completion_programme ON completion (region_code, programme_id);
CREATE INDEX completion_provider ON completion (region_code, provider_id);
CREATE INDEX completion_route ON completion (region_code, route_id);
CREATE INDEX completion_basis ON completion (region_code, basis);
CREATE INDEX completion_certificate_number ON completion (region_code, certificate_number);
CREATE INDEX completion_completion_date ON completion (region_code, completion_date);
CREATE INDEX completion_register_programme ON completion (region_code, register_programme);
CREATE INDEX completion_chosen_by_diagnostics ON completion (region_code, chosen_by_diagnostics);
CREATE INDEX completion_topic_codes ON completion USING gin (topic_codes);

-- Issued completions never change and never go (the owner's retention aside).
CREATE FUNCTION completion_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a completion is immutable once issued' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON completion
  FOR EACH ROW EXECUTE FUNCTION completion_is_immutable();

ALTER TABLE register_sync ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_sync FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_sync USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE programme ENABLE ROW LEVEL SECURITY;
ALTER TABLE programme FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON programme USING (scope_allows(region_code, NULL, provider_id::text, NULL));
ALTER TABLE register_snapshot ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_snapshot FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_snapshot USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE register_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_change FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_change USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON enrolment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
ALTER TABLE completion ENABLE ROW LEVEL SECURITY;
ALTER TABLE completion FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON completion
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
