-- Resources of the monitoring service: periods, profiles, recorded values, passports.

-- A region's definitions are shown to whoever has any scope in the region: a municipality reads the rules it is counted
-- by. Writing them takes the whole region.
CREATE FUNCTION scope_touches(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE starts_with(current_setting('rsnms.scopes', true), 'regions/' || region || '/')
      OR position(',regions/' || region || '/' IN current_setting('rsnms.scopes', true)) > 0
      OR string_to_array(current_setting('rsnms.scopes', true), ',') && ARRAY['regions/' || region]
  END
$$;

CREATE TABLE period (
  region_code  text        NOT NULL,
  id           text        NOT NULL,
  year         integer     NOT NULL,
  start_date   date        NOT NULL,
  cut_off_date date        NOT NULL,
  version      bigint      NOT NULL,
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL,
  delete_time  timestamptz,
  PRIMARY KEY (region_code, id),
  UNIQUE (region_code, year),
  CHECK (cut_off_date >= start_date)
);
ALTER TABLE period ENABLE ROW LEVEL SECURITY;
ALTER TABLE period FORCE ROW LEVEL SECURITY;
CREATE POLICY shown ON period FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON period USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE profile (
  region_code           text        NOT NULL,
  id                    text        NOT NULL,
  title                 text        NOT NULL,
  act                   jsonb,
  settings              jsonb,
  indicators            jsonb,
  passport_form_version integer     NOT NULL,
  version               bigint      NOT NULL,
  create_time           timestamptz NOT NULL,
  update_time           timestamptz NOT NULL,
  delete_time           timestamptz,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX profile_title ON profile (region_code, title, id);
ALTER TABLE profile ENABLE ROW LEVEL SECURITY;
ALTER TABLE profile FORCE ROW LEVEL SECURITY;
CREATE POLICY shown ON profile FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON profile USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE indicator_value (
  region_code     text        NOT NULL,
  id              uuid        NOT NULL,
  profile_id      text,
  indicator_id    text        NOT NULL,
  clause          text        NOT NULL,
  title           text        NOT NULL,
  period_year     integer     NOT NULL,
  cut_off_date    date,
  municipality_id text,
  state           text        NOT NULL,
  reason          text        NOT NULL,
  numerator       bigint      NOT NULL,
  denominator     bigint      NOT NULL,
  value           numeric,
  unit            text        NOT NULL,
  watermarks      jsonb,
  recording_id    text        NOT NULL,
  profile_etag    text        NOT NULL,
  version         bigint      NOT NULL,
  create_time     timestamptz NOT NULL,
  update_time     timestamptz NOT NULL,
  delete_time     timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, profile_id) REFERENCES profile (region_code, id)
);
CREATE INDEX indicator_value_profile ON indicator_value (region_code, profile_id, id);
CREATE INDEX indicator_value_indicator ON indicator_value (region_code, indicator_id, id);
CREATE INDEX indicator_value_period ON indicator_value (region_code, period_year, id);
CREATE INDEX indicator_value_municipality ON indicator_value (region_code, municipality_id, id);
CREATE INDEX indicator_value_recording ON indicator_value (region_code, recording_id, id);
ALTER TABLE indicator_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE indicator_value FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON indicator_value USING (scope_allows(region_code, municipality_id, NULL, NULL));

CREATE TABLE passport (
  region_code       text        NOT NULL,
  id                uuid        NOT NULL,
  profile_id        text,
  period_year       integer     NOT NULL,
  cut_off_date      date,
  revision          integer     NOT NULL,
  state             text        NOT NULL,
  blocks            jsonb,
  manual_entries    jsonb,
  watermarks        jsonb,
  sha256            text        NOT NULL,
  signature         text        NOT NULL,
  signer_public_key text        NOT NULL,
  approver          text        NOT NULL,
  approve_time      timestamptz,
  submission_id     text        NOT NULL,
  receipt           jsonb,
  return_reason     text        NOT NULL,
  version           bigint      NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  delete_time       timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, profile_id) REFERENCES profile (region_code, id)
);
CREATE INDEX passport_profile ON passport (region_code, profile_id, id);
CREATE INDEX passport_period ON passport (region_code, period_year, id);
CREATE INDEX passport_state ON passport (region_code, state, id);
-- One passport of a period is in work at a time, however many assemble at once.
CREATE UNIQUE INDEX passport_in_work ON passport (region_code, profile_id, period_year)
  WHERE delete_time IS NULL AND state <> 'ACCEPTED';
ALTER TABLE passport ENABLE ROW LEVEL SECURITY;
ALTER TABLE passport FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON passport USING (scope_allows(region_code, NULL, NULL, NULL));

-- The bytes that were hashed and signed, kept for good per revision.
CREATE TABLE passport_revision (
  region_code       text        NOT NULL,
  passport_id       uuid        NOT NULL,
  revision          integer     NOT NULL,
  canonical         bytea       NOT NULL,
  sha256            text        NOT NULL,
  signature         text        NOT NULL,
  signer_public_key text        NOT NULL,
  approve_time      timestamptz NOT NULL,
  PRIMARY KEY (region_code, passport_id, revision),
  FOREIGN KEY (region_code, passport_id) REFERENCES passport (region_code, id)
);
ALTER TABLE passport_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE passport_revision FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON passport_revision USING (scope_allows(region_code, NULL, NULL, NULL));
