-- Groups of learners with seats, the life of enrolments in them, and the thresholds of the risk list.

-- Whether the transaction's scopes name something of the region: what is offered to all of it is seen by them.
CREATE FUNCTION scope_touches(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE starts_with(current_setting('rsnms.scopes', true), 'regions/' || region || '/')
      OR position(',regions/' || region || '/' IN current_setting('rsnms.scopes', true)) > 0
      OR string_to_array(current_setting('rsnms.scopes', true), ',') && ARRAY['regions/' || region]
  END
$$;

CREATE TABLE learner_group (
  region_code                text        NOT NULL,
  id                         uuid        NOT NULL,
  version                    bigint      NOT NULL,
  create_time                timestamptz NOT NULL,
  update_time                timestamptz NOT NULL,
  delete_time                timestamptz,
  programme_id               uuid        NOT NULL,
  provider_id                uuid        NOT NULL,
  code                       text        NOT NULL,
  form                       text        NOT NULL,
  place                      text        NOT NULL,
  municipality_id            text,
  curator_id                 uuid,
  start_date                 date        NOT NULL,
  end_date                   date        NOT NULL,
  seats                      integer     NOT NULL CHECK (seats > 0),
  taken_seats                integer     NOT NULL,
  waiting_count              integer     NOT NULL,
  last_waiting_number        bigint      NOT NULL,
  stages                     jsonb       NOT NULL,
  entry_diagnostics_required boolean     NOT NULL,
  exit_diagnostics_required  boolean     NOT NULL,
  state                      text        NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  CHECK (end_date >= start_date),
  -- Seats are never oversold, and nobody waits beside a free one.
  CONSTRAINT learner_group_not_oversold CHECK (taken_seats BETWEEN 0 AND seats),
  CONSTRAINT learner_group_nobody_waits_in_vain CHECK (waiting_count >= 0 AND (waiting_count = 0 OR taken_seats = seats))
);
CREATE INDEX learner_group_programme ON learner_group (region_code, programme_id);
CREATE INDEX learner_group_provider ON learner_group (region_code, provider_id);
CREATE INDEX learner_group_code ON learner_group (region_code, code);
CREATE INDEX learner_group_form ON learner_group (region_code, form);
CREATE INDEX learner_group_municipality ON learner_group (region_code, municipality_id);
CREATE INDEX learner_group_curator ON learner_group (region_code, curator_id);
CREATE INDEX learner_group_start_date ON learner_group (region_code, start_date);
CREATE INDEX learner_group_end_date ON learner_group (region_code, end_date);
CREATE INDEX learner_group_state ON learner_group (region_code, state);

ALTER TABLE learner_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner_group FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON learner_group
  USING (scope_allows(region_code, municipality_id, provider_id::text, curator_id::text));
-- Groups are offered to the whole region: whoever looks for learning sees them.
CREATE POLICY offered ON learner_group FOR SELECT USING (scope_touches(region_code));

ALTER TABLE enrolment
  ADD COLUMN group_id uuid,
  ADD COLUMN seat text NOT NULL DEFAULT 'UNSPECIFIED',
  ADD COLUMN waiting_number bigint NOT NULL DEFAULT 0,
  ADD COLUMN state_date date,
  ADD COLUMN state_reason text NOT NULL DEFAULT '',
  ADD COLUMN enrolled_date date,
  ADD COLUMN deferred_until_date date,
  ADD COLUMN transferred_from_id uuid,
  ADD COLUMN transferred_to text NOT NULL DEFAULT '',  -- a name, no key: written before the row it names
  ADD COLUMN entry_session_id uuid,
  ADD COLUMN exit_session_id uuid,
  ADD COLUMN last_activity_date date,
  ADD FOREIGN KEY (region_code, group_id) REFERENCES learner_group (region_code, id),
  ADD FOREIGN KEY (region_code, transferred_from_id) REFERENCES enrolment (region_code, id),
  ADD CHECK (seat = 'UNSPECIFIED' OR group_id IS NOT NULL),
  -- A seat and the states that may have it; only applications wait.
  ADD CONSTRAINT enrolment_seat_fits_state CHECK (CASE seat
    WHEN 'HELD' THEN state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'COMPLETED', 'FAILED')
    WHEN 'WAITING' THEN state = 'APPLIED' AND waiting_number > 0
    ELSE group_id IS NULL OR state NOT IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS') END);
CREATE INDEX enrolment_group ON enrolment (region_code, group_id);
CREATE INDEX enrolment_seat ON enrolment (region_code, seat);
CREATE INDEX enrolment_waiting_number ON enrolment (region_code, waiting_number);
CREATE UNIQUE INDEX enrolment_queue ON enrolment (region_code, group_id, waiting_number) WHERE seat = 'WAITING';
CREATE INDEX enrolment_transferred_from ON enrolment (region_code, transferred_from_id);
CREATE INDEX enrolment_entry_session ON enrolment (region_code, entry_session_id);
CREATE INDEX enrolment_exit_session ON enrolment (region_code, exit_session_id);
-- Who has put learning off still learns by the programme.
DROP INDEX enrolment_one_living;
CREATE UNIQUE INDEX enrolment_one_living ON enrolment (region_code, person_id, programme_id)
  WHERE state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED') AND delete_time IS NULL;

CREATE TABLE risk_settings (
  region_code        text        NOT NULL,
  id                 text        NOT NULL,
  version            bigint      NOT NULL,
  create_time        timestamptz NOT NULL,
  update_time        timestamptz NOT NULL,
  delete_time        timestamptz,
  late_start_days    integer,
  inactive_days      integer,
  overdue_days       integer,
  deferral_over_days integer,
  still_waiting_days integer,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE risk_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON risk_settings USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY known ON risk_settings FOR SELECT USING (scope_touches(region_code));
