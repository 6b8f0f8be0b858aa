-- Sessions of diagnostics enrolments name: what diagnostics said of them, and the days kept with the enrolment.
CREATE TABLE session_told (
  region_code text NOT NULL,
  session_id  uuid NOT NULL,
  person_id   uuid NOT NULL,
  submit_date date,  -- NULL: was not submitted when asked about
  PRIMARY KEY (region_code, session_id)
);
ALTER TABLE session_told ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON session_told USING (scope_allows(region_code, NULL, NULL, NULL));

ALTER TABLE enrolment
  ADD COLUMN entry_session_date date,
  ADD COLUMN exit_session_date date;

-- How long a deferral without an end may last, unset: the default of the contract.
ALTER TABLE risk_settings ADD COLUMN open_deferral_days integer;
