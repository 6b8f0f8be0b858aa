-- Learning beside programmes: accepted records, hours of corporate training, and how a region counts them.

CREATE TABLE known_corporate (
  region_code text    NOT NULL,
  id          uuid    NOT NULL,
  person_id   uuid    NOT NULL,
  hours       integer NOT NULL,
  end_date    date    NOT NULL,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_corporate_person ON known_corporate (region_code, person_id);

CREATE TABLE known_learning_record (
  region_code     text    NOT NULL,
  id              uuid    NOT NULL,
  person_id       uuid    NOT NULL,
  kind            text    NOT NULL,  -- INTERNSHIP, ACADEMY, …
  hours           integer NOT NULL,
  completion_date date,
  acceptance_date date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_learning_record_person ON known_learning_record (region_code, person_id);

CREATE TABLE known_learning_rules (
  region_code       text    NOT NULL,
  id                text    NOT NULL,  -- default
  minimum           integer,           -- null: 72 hours
  start_month       integer,           -- null: September
  kinds             text    NOT NULL,  -- by commas; empty: internship, self-study, cascade
  registry_excluded boolean NOT NULL,
  PRIMARY KEY (region_code, id)
);

ALTER TABLE known_corporate ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_corporate FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_corporate USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_learning_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_learning_record FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_learning_record USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_learning_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_learning_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_learning_rules USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE OR REPLACE FUNCTION projection_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE known_organisation, known_person, known_employment, known_support, known_team, known_team_member,
          known_session, known_route, known_programme, known_completion, known_enrolment, known_certificate,
          known_version, known_corporate, known_learning_record, known_learning_rules, subject_fact, cube;
END
$$;
