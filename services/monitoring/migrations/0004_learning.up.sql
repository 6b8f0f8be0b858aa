-- Learning that goes on, documents in force, versions of programmes.

-- Nothing of it is known yet: what the service follows has changed, so the source is read anew from its beginning.
CREATE TABLE known_enrolment (
  region_code  text    NOT NULL,
  id           uuid    NOT NULL,
  person_id    uuid    NOT NULL,
  void         boolean NOT NULL,  -- recorded by mistake: its completion counts no more
  learns_from  date,              -- null: learning has not begun, or its end is not told
  learns_until date,              -- the day it was completed or failed; null while it goes on
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_enrolment_person ON known_enrolment (region_code, person_id);

CREATE TABLE known_certificate (
  region_code   text    NOT NULL,
  id            uuid    NOT NULL,
  completion_id uuid    NOT NULL,
  in_force      boolean NOT NULL,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_certificate_completion ON known_certificate (region_code, completion_id);

CREATE TABLE known_version (
  region_code     text NOT NULL,
  id              uuid NOT NULL,
  programme_id    uuid NOT NULL,
  approval_date   date,
  submission_date date,
  withdrawal_date date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_version_programme ON known_version (region_code, programme_id);

ALTER TABLE known_completion ADD COLUMN enrolment_id uuid;
CREATE INDEX known_completion_enrolment ON known_completion (region_code, enrolment_id);
ALTER TABLE known_programme ADD COLUMN provider_withdrew boolean NOT NULL DEFAULT false;

ALTER TABLE known_enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_enrolment FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_enrolment USING (scope_allows(region_code, NULL, NULL, person_id::text));
ALTER TABLE known_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_certificate USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE known_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_version FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_version USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE OR REPLACE FUNCTION projection_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE known_organisation, known_person, known_employment, known_support, known_team, known_team_member,
          known_session, known_route, known_programme, known_completion, known_enrolment, known_certificate,
          known_version, subject_fact, cube;
END
$$;
