-- The projection: what is known from the feeds of registry, diagnostics and programs (narrow, dated, no personal data),
-- the facts derived from it per subject and period, and the cube that counts subjects sharing the same facts.

-- One batch of one feed, or one rebuild, works at a time: facts join data of several feeds, and two transactions that
-- did not see each other would each lose the other's half. One row; locked FOR UPDATE first thing.
CREATE TABLE projection_gate (
  one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO projection_gate DEFAULT VALUES;

CREATE TABLE known_organisation (
  region_code     text NOT NULL,
  id              uuid NOT NULL,
  kind            text NOT NULL,  -- SCHOOL, INSTITUTE, …
  municipality_id text NOT NULL,  -- empty for bodies of the region
  closed_date     date,
  PRIMARY KEY (region_code, id)
);

CREATE TABLE known_person (
  region_code         text NOT NULL,
  id                  uuid NOT NULL,
  teaching_start_date date,
  young_until_date    date,       -- last day under 35 and in the first three years, derived by the registry
  PRIMARY KEY (region_code, id)
);

CREATE TABLE known_employment (
  region_code     text    NOT NULL,
  id              uuid    NOT NULL,
  person_id       uuid    NOT NULL,
  organisation_id uuid    NOT NULL,
  category        text    NOT NULL,  -- PEDAGOGUE, MANAGER
  main            boolean NOT NULL,
  start_date      date    NOT NULL,
  end_date        date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_employment_person ON known_employment (region_code, person_id);
CREATE INDEX known_employment_organisation ON known_employment (region_code, organisation_id);

CREATE TABLE known_support (
  region_code text NOT NULL,
  id          uuid NOT NULL,
  person_id   uuid NOT NULL,
  start_date  date NOT NULL,
  end_date    date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_support_person ON known_support (region_code, person_id);

CREATE TABLE known_team (
  region_code     text NOT NULL,
  id              uuid NOT NULL,
  organisation_id uuid NOT NULL,
  formed_date     date NOT NULL,
  disbanded_date  date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_team_organisation ON known_team (region_code, organisation_id);

-- A table of its own and not an array in known_team: row level security keeps array operators off an index.
CREATE TABLE known_team_member (
  region_code text    NOT NULL,
  person_id   uuid    NOT NULL,
  team_id     uuid    NOT NULL,
  leader      boolean NOT NULL,
  PRIMARY KEY (region_code, team_id, person_id)
);
CREATE INDEX known_team_member_person ON known_team_member (region_code, person_id);

CREATE TABLE known_session (
  region_code    text    NOT NULL,
  id             uuid    NOT NULL,
  person_id      uuid    NOT NULL,
  campaign_id    uuid    NOT NULL,
  held_at_centre boolean NOT NULL,
  submit_date    date,              -- null unless submitted
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_session_person ON known_session (region_code, person_id);

CREATE TABLE known_route (
  region_code  text    NOT NULL,
  id           uuid    NOT NULL,
  person_id    uuid    NOT NULL,
  on_centre    boolean NOT NULL,  -- built on a session held at a centre
  approve_date date,              -- null unless approved and neither sent back nor closed since
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_route_person ON known_route (region_code, person_id);

CREATE TABLE known_programme (
  region_code    text    NOT NULL,
  id             uuid    NOT NULL,
  provider_id    uuid,
  kind           text    NOT NULL,
  distance       boolean NOT NULL,
  listed         boolean NOT NULL,  -- stands in the register, or stood there until withdrawn_date
  listed_date    date,
  withdrawn_date date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_programme_provider ON known_programme (region_code, provider_id);

CREATE TABLE known_completion (
  region_code           text    NOT NULL,
  id                    uuid    NOT NULL,
  person_id             uuid    NOT NULL,
  programme_id          uuid    NOT NULL,
  route_id              uuid,
  completion_date       date    NOT NULL,
  register_programme    boolean NOT NULL,
  chosen_by_diagnostics boolean NOT NULL,
  quality_management    boolean NOT NULL,  -- topic education-quality-management
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_completion_person ON known_completion (region_code, person_id);

-- Facts of a subject in a period: bit `number - 1` of rsnms.monitoring.v1.Fact. Subjects without any fact have no row.
CREATE TABLE subject_fact (
  region_code     text     NOT NULL,
  year            integer  NOT NULL,
  subject_kind    smallint NOT NULL,  -- rsnms.monitoring.v1.SubjectKind
  subject_id      uuid     NOT NULL,
  municipality_id text     NOT NULL,  -- empty: a body of the region, or none
  organisation_id text     NOT NULL,  -- empty: none
  mask            bigint   NOT NULL,
  PRIMARY KEY (region_code, year, subject_kind, subject_id)
);

-- How many subjects share a set of facts in one place. The sum of subject_fact, always.
CREATE TABLE cube (
  region_code     text     NOT NULL,
  year            integer  NOT NULL,
  subject_kind    smallint NOT NULL,
  municipality_id text     NOT NULL,
  organisation_id text     NOT NULL,
  mask            bigint   NOT NULL,
  count           bigint   NOT NULL,
  PRIMARY KEY (region_code, year, subject_kind, municipality_id, organisation_id, mask)
);
CREATE INDEX cube_empty ON cube (region_code) WHERE count = 0;

ALTER TABLE known_organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_organisation
  USING (scope_allows(region_code, municipality_id, id::text, NULL));
ALTER TABLE known_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_person FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_person USING (scope_allows(region_code, NULL, NULL, id::text));
ALTER TABLE known_employment ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_employment FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_employment
  USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text));
ALTER TABLE known_support ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_support FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_support USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_team ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_team FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_team USING (scope_allows(region_code, NULL, organisation_id::text, NULL));
ALTER TABLE known_team_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_team_member FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_team_member USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_session FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_session USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_route ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_route FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_route USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_programme ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_programme FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_programme USING (scope_allows(region_code, NULL, provider_id::text, NULL));
ALTER TABLE known_completion ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_completion FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_completion USING (scope_allows(region_code, NULL, NULL, person_id::text));
-- A person's own facts are the person's to see: subject_kind 1 is PERSON.
ALTER TABLE subject_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON subject_fact
  USING (scope_allows(region_code, municipality_id, organisation_id,
                      CASE WHEN subject_kind = 1 THEN subject_id::text END));
ALTER TABLE cube ENABLE ROW LEVEL SECURITY;
ALTER TABLE cube FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON cube USING (scope_allows(region_code, municipality_id, organisation_id, NULL));
