-- What learning keeps of the registry's feed: who works where, hours of corporate training, kinds of bodies.

CREATE TABLE known_organisation (
  region_code     text NOT NULL,
  id              uuid NOT NULL,
  kind            text NOT NULL,
  municipality_id text,
  PRIMARY KEY (region_code, id)
);
CREATE TABLE known_employment (
  region_code     text NOT NULL,
  id              uuid NOT NULL,
  person_id       uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  category        text NOT NULL,
  start_date      date NOT NULL,
  end_date        date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_employment_person ON known_employment (region_code, person_id);
CREATE INDEX known_employment_organisation ON known_employment (region_code, organisation_id, person_id);
CREATE TABLE known_training (
  region_code     text    NOT NULL,
  id              uuid    NOT NULL,
  person_id       uuid    NOT NULL,
  organisation_id uuid    NOT NULL,
  end_date        date    NOT NULL,
  hours           integer NOT NULL,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX known_training_person ON known_training (region_code, person_id, end_date);
CREATE INDEX known_training_organisation ON known_training (region_code, organisation_id, end_date);

ALTER TABLE known_organisation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_organisation USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY known ON known_organisation FOR SELECT USING (scope_touches(region_code));
ALTER TABLE known_employment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_employment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
-- The registry says the body of a training, and of the body its municipality.
ALTER TABLE known_training ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON known_training USING (scope_allows(
  region_code,
  (SELECT o.municipality_id FROM known_organisation o
    WHERE o.region_code = known_training.region_code AND o.id = known_training.organisation_id),
  organisation_id::text, person_id::text));

CREATE INDEX learning_record_accepted_hours ON learning_record (region_code, person_id, completion_date)
  WHERE state = 'ACCEPTED' AND delete_time IS NULL;
