-- Who answered what, and what it showed. Persons, organisations and municipalities are known by id only: they live in
-- the registry's schema, so no foreign keys lead there.

CREATE TABLE session (
  region_code     text        NOT NULL,
  id              uuid        NOT NULL,
  campaign_id     uuid        NOT NULL,
  instrument_id   text        NOT NULL,
  person_id       uuid        NOT NULL,
  organisation_id uuid        NOT NULL,
  municipality_id text,
  category        text        NOT NULL,
  answers         jsonb,
  state           text        NOT NULL CHECK (state IN ('IN_PROGRESS', 'SUBMITTED', 'ANNULLED')),
  submit_date     date,
  held_at_centre  boolean     NOT NULL DEFAULT false,
  version         bigint      NOT NULL,
  create_time     timestamptz NOT NULL,
  update_time     timestamptz NOT NULL,
  delete_time     timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, campaign_id) REFERENCES campaign (region_code, id),
  FOREIGN KEY (region_code, instrument_id) REFERENCES instrument (region_code, id),
  UNIQUE (region_code, campaign_id, person_id, instrument_id),
  CHECK ((state = 'SUBMITTED') = (submit_date IS NOT NULL))
);
CREATE INDEX session_campaign ON session (region_code, campaign_id, state);
CREATE INDEX session_instrument ON session (region_code, instrument_id);
CREATE INDEX session_person ON session (region_code, person_id);
CREATE INDEX session_organisation ON session (region_code, organisation_id);
CREATE INDEX session_municipality ON session (region_code, municipality_id);
CREATE INDEX session_state ON session (region_code, state);
CREATE INDEX session_submit_date ON session (region_code, submit_date);

CREATE TABLE result (
  region_code       text        NOT NULL,
  id                uuid        NOT NULL,
  session_id        uuid        NOT NULL,
  campaign_id       uuid        NOT NULL,
  instrument_id     text        NOT NULL,
  person_id         uuid        NOT NULL,
  organisation_id   uuid        NOT NULL,
  municipality_id   text,
  category          text        NOT NULL,
  submit_date       date        NOT NULL,
  held_at_centre    boolean     NOT NULL DEFAULT false,
  scores            jsonb,
  deficit_codes     text[]      NOT NULL DEFAULT '{}',
  strength_codes    text[]      NOT NULL DEFAULT '{}',
  heaviest_severity text        NOT NULL,
  total_points      integer     NOT NULL DEFAULT 0,
  max_points        integer     NOT NULL DEFAULT 0,
  level_code        text        NOT NULL DEFAULT '',
  version           bigint      NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  delete_time       timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, session_id) REFERENCES session (region_code, id),
  FOREIGN KEY (region_code, campaign_id) REFERENCES campaign (region_code, id),
  FOREIGN KEY (region_code, instrument_id) REFERENCES instrument (region_code, id),
  UNIQUE (region_code, session_id)
);
CREATE INDEX result_campaign ON result (region_code, campaign_id, heaviest_severity);
CREATE INDEX result_instrument ON result (region_code, instrument_id);
CREATE INDEX result_person ON result (region_code, person_id);
CREATE INDEX result_organisation ON result (region_code, organisation_id);
CREATE INDEX result_municipality ON result (region_code, municipality_id);
CREATE INDEX result_submit_date ON result (region_code, submit_date);
CREATE INDEX result_heaviest_severity ON result (region_code, heaviest_severity);
CREATE INDEX result_deficit_codes ON result USING gin (deficit_codes);
CREATE INDEX result_strength_codes ON result USING gin (strength_codes);

ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON session
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

ALTER TABLE result ENABLE ROW LEVEL SECURITY;
ALTER TABLE result FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON result
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
