-- Learning beside programmes: records of it, teams, sessions of the cascade, what became of it in practice.

CREATE TABLE learning_rules (
  region_code             text        NOT NULL,
  id                      text        NOT NULL,
  version                 bigint      NOT NULL,
  create_time             timestamptz NOT NULL,
  update_time             timestamptz NOT NULL,
  delete_time             timestamptz,
  document                text        NOT NULL,
  corporate_hours_minimum integer,
  year_start_month        integer CHECK (year_start_month BETWEEN 1 AND 12),
  corporate_kinds         text[]      NOT NULL,
  registry_hours_excluded boolean     NOT NULL,
  team_rule               text        NOT NULL,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE learning_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON learning_rules USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY known ON learning_rules FOR SELECT USING (scope_touches(region_code));

-- What people wrote stays as it was outside of the states named first; columns named second are the steps' and merged people's.
CREATE FUNCTION learning_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = ANY (TG_ARGV[0]::text[])
     OR to_jsonb(NEW) - TG_ARGV[1]::text[] = to_jsonb(OLD) - TG_ARGV[1]::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was agreed or handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TABLE cascade_session (
  region_code          text        NOT NULL,
  id                   uuid        NOT NULL,
  version              bigint      NOT NULL,
  create_time          timestamptz NOT NULL,
  update_time          timestamptz NOT NULL,
  delete_time          timestamptz,
  state                text        NOT NULL,
  state_reason         text        NOT NULL,
  programme_id         uuid        NOT NULL,
  organisation_id      uuid        NOT NULL,
  municipality_id      text,
  leader_id            uuid        NOT NULL,
  leader_completion_id uuid        NOT NULL,
  title                text        NOT NULL,
  planned_date         date        NOT NULL,
  hours                integer     NOT NULL CHECK (hours BETWEEN 1 AND 24),
  participants_ids     text[]      NOT NULL,
  held_date            date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  FOREIGN KEY (region_code, leader_completion_id) REFERENCES completion (region_code, id),
  CHECK ((state = 'HELD') = (held_date IS NOT NULL))
);
CREATE INDEX cascade_session_state ON cascade_session (region_code, state, id);
CREATE INDEX cascade_session_programme ON cascade_session (region_code, programme_id, id);
CREATE INDEX cascade_session_organisation ON cascade_session (region_code, organisation_id, id);
CREATE INDEX cascade_session_municipality ON cascade_session (region_code, municipality_id, id);
CREATE INDEX cascade_session_leader ON cascade_session (region_code, leader_id, id);
CREATE INDEX cascade_session_leader_completion ON cascade_session (region_code, leader_completion_id, id);
CREATE INDEX cascade_session_planned_date ON cascade_session (region_code, planned_date, id);
CREATE INDEX cascade_session_held_date ON cascade_session (region_code, held_date, id);
ALTER TABLE cascade_session ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON cascade_session
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
CREATE POLICY leader ON cascade_session FOR SELECT USING (scope_allows(region_code, NULL, NULL, leader_id::text));
CREATE TRIGGER frozen BEFORE UPDATE ON cascade_session FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{PLANNED}', '{leader_id,participants_ids,version,update_time}');

CREATE TABLE learning_record (
  region_code             text        NOT NULL,
  id                      uuid        NOT NULL,
  version                 bigint      NOT NULL,
  create_time             timestamptz NOT NULL,
  update_time             timestamptz NOT NULL,
  delete_time             timestamptz,
  state                   text        NOT NULL,
  state_reason            text        NOT NULL,
  person_id               uuid        NOT NULL,
  organisation_id         uuid        NOT NULL,
  municipality_id         text,
  kind                    text        NOT NULL,
  title                   text        NOT NULL,
  host_organisation_id    uuid,
  site_id                 uuid,
  supervisor_id           uuid,
  self_education_theme_id uuid,
  cascade_session_id      uuid,
  provider_title          text        NOT NULL,
  competencies_ids        text[]      NOT NULL,
  route_id                uuid,
  route_item_id           text        NOT NULL,
  start_date              date        NOT NULL,
  end_date                date        NOT NULL,
  hours                   integer     NOT NULL CHECK (hours > 0),
  report                  text        NOT NULL,
  report_url              text        NOT NULL,
  completed_hours         integer     NOT NULL,
  completion_date         date,
  certificate_number      text        NOT NULL,
  certificate_date        date,
  acceptance_date         date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, cascade_session_id) REFERENCES cascade_session (region_code, id),
  CHECK (end_date >= start_date),
  CHECK (supervisor_id <> person_id),
  CHECK ((kind = 'CASCADE') = (cascade_session_id IS NOT NULL)),
  CONSTRAINT learning_record_internship CHECK (
    kind <> 'INTERNSHIP' OR (host_organisation_id IS NOT NULL AND supervisor_id IS NOT NULL)),
  -- What counts says when and how much.
  CONSTRAINT learning_record_accepted CHECK (
    state <> 'ACCEPTED' OR (completed_hours > 0 AND completion_date IS NOT NULL AND acceptance_date >= completion_date))
);
CREATE INDEX learning_record_state ON learning_record (region_code, state, id);
CREATE INDEX learning_record_person ON learning_record (region_code, person_id, id);
CREATE INDEX learning_record_organisation ON learning_record (region_code, organisation_id, id);
CREATE INDEX learning_record_municipality ON learning_record (region_code, municipality_id, id);
CREATE INDEX learning_record_kind ON learning_record (region_code, kind, id);
CREATE INDEX learning_record_host_organisation ON learning_record (region_code, host_organisation_id, id);
CREATE INDEX learning_record_site ON learning_record (region_code, site_id, id);
CREATE INDEX learning_record_supervisor ON learning_record (region_code, supervisor_id, id);
CREATE INDEX learning_record_cascade_session ON learning_record (region_code, cascade_session_id, id);
CREATE INDEX learning_record_route ON learning_record (region_code, route_id, id);
CREATE INDEX learning_record_start_date ON learning_record (region_code, start_date, id);
CREATE INDEX learning_record_completion_date ON learning_record (region_code, completion_date, id);
-- A session gives a person one record; a certificate of the academy counts once.
CREATE UNIQUE INDEX learning_record_once_in_session ON learning_record (region_code, cascade_session_id, person_id)
  WHERE cascade_session_id IS NOT NULL;
CREATE UNIQUE INDEX learning_record_certificate ON learning_record (region_code, certificate_number)
  WHERE kind = 'ACADEMY' AND certificate_number <> '' AND state IN ('IN_PROGRESS', 'REPORTED', 'ACCEPTED') AND delete_time IS NULL;
ALTER TABLE learning_record ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON learning_record
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
-- Whoever leads the learner reads; the body it takes place at also takes the steps between agreement and acceptance.
CREATE POLICY supervisor ON learning_record FOR SELECT
  USING (scope_allows(region_code, NULL, NULL, supervisor_id::text));
CREATE POLICY host_reads ON learning_record FOR SELECT
  USING (scope_allows(region_code, NULL, host_organisation_id::text, NULL));
CREATE POLICY host_works ON learning_record FOR UPDATE
  USING (state IN ('AGREED', 'IN_PROGRESS', 'REPORTED') AND scope_allows(region_code, NULL, host_organisation_id::text, NULL))
  WITH CHECK (scope_allows(region_code, NULL, host_organisation_id::text, NULL));
CREATE TRIGGER frozen BEFORE UPDATE ON learning_record FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{PLANNED}',
  '{state,state_reason,person_id,supervisor_id,report,report_url,completed_hours,completion_date,certificate_number,certificate_date,acceptance_date,delete_time,version,update_time}');

CREATE TABLE team_training (
  region_code           text        NOT NULL,
  id                    uuid        NOT NULL,
  version               bigint      NOT NULL,
  create_time           timestamptz NOT NULL,
  update_time           timestamptz NOT NULL,
  delete_time           timestamptz,
  state                 text        NOT NULL,
  state_reason          text        NOT NULL,
  management_team_id    uuid        NOT NULL,
  organisation_id       uuid        NOT NULL,
  municipality_id       text,
  programme_id          uuid        NOT NULL,
  group_id              uuid,
  members_ids           text[]      NOT NULL,
  start_date            date,
  completion_date       date,
  team_rule             text        NOT NULL,
  completed_members_ids text[]      NOT NULL,
  planned_end_date      date,
  note                  text        NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  FOREIGN KEY (region_code, group_id) REFERENCES learner_group (region_code, id),
  CHECK (state NOT IN ('IN_PROGRESS', 'COMPLETED') OR (start_date IS NOT NULL AND members_ids <> '{}')),
  CHECK ((state = 'COMPLETED') = (completion_date IS NOT NULL))
);
CREATE INDEX team_training_state ON team_training (region_code, state, id);
CREATE INDEX team_training_management_team ON team_training (region_code, management_team_id, id);
CREATE INDEX team_training_organisation ON team_training (region_code, organisation_id, id);
CREATE INDEX team_training_municipality ON team_training (region_code, municipality_id, id);
CREATE INDEX team_training_programme ON team_training (region_code, programme_id, id);
CREATE INDEX team_training_group ON team_training (region_code, group_id, id);
CREATE INDEX team_training_completion_date ON team_training (region_code, completion_date, id);
-- A team learns a programme once at a time.
CREATE UNIQUE INDEX team_training_one_living ON team_training (region_code, management_team_id, programme_id)
  WHERE state IN ('PLANNED', 'IN_PROGRESS') AND delete_time IS NULL;
ALTER TABLE team_training ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON team_training
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
CREATE POLICY members ON team_training FOR SELECT USING (EXISTS (
  SELECT FROM unnest(team_training.members_ids) AS member
   WHERE scope_allows(team_training.region_code, NULL, NULL, member)));
CREATE TRIGGER frozen BEFORE UPDATE ON team_training FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{PLANNED}',
  '{state,state_reason,group_id,members_ids,completed_members_ids,completion_date,team_rule,delete_time,version,update_time}');

CREATE TABLE practice_acceptance (
  region_code        text        NOT NULL,
  id                 uuid        NOT NULL,
  version            bigint      NOT NULL,
  create_time        timestamptz NOT NULL,
  update_time        timestamptz NOT NULL,
  delete_time        timestamptz,
  state              text        NOT NULL,
  state_reason       text        NOT NULL,
  person_id          uuid        NOT NULL,
  organisation_id    uuid        NOT NULL,
  municipality_id    text,
  completion_id      uuid,
  learning_record_id uuid,
  form               text        NOT NULL,
  title              text        NOT NULL,
  evidence           text        NOT NULL,
  evidence_url       text        NOT NULL,
  shown_date         date        NOT NULL,
  observer_id        uuid        NOT NULL,
  practice_id        uuid,
  competencies_ids   text[]      NOT NULL,
  learned_date       date        NOT NULL,
  acceptance_date    date,
  route_id           uuid,
  route_item_id      text        NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, completion_id) REFERENCES completion (region_code, id),
  FOREIGN KEY (region_code, learning_record_id) REFERENCES learning_record (region_code, id),
  CHECK ((completion_id IS NULL) <> (learning_record_id IS NULL)),
  CHECK (observer_id <> person_id),
  CHECK (shown_date >= learned_date),
  CHECK (state <> 'ACCEPTED' OR acceptance_date >= shown_date)
);
CREATE INDEX practice_acceptance_state ON practice_acceptance (region_code, state, id);
CREATE INDEX practice_acceptance_person ON practice_acceptance (region_code, person_id, id);
CREATE INDEX practice_acceptance_organisation ON practice_acceptance (region_code, organisation_id, id);
CREATE INDEX practice_acceptance_municipality ON practice_acceptance (region_code, municipality_id, id);
CREATE INDEX practice_acceptance_completion ON practice_acceptance (region_code, completion_id, id);
CREATE INDEX practice_acceptance_learning_record ON practice_acceptance (region_code, learning_record_id, id);
CREATE INDEX practice_acceptance_form ON practice_acceptance (region_code, form, id);
CREATE INDEX practice_acceptance_shown_date ON practice_acceptance (region_code, shown_date, id);
CREATE INDEX practice_acceptance_observer ON practice_acceptance (region_code, observer_id, id);
CREATE INDEX practice_acceptance_practice ON practice_acceptance (region_code, practice_id, id);
CREATE INDEX practice_acceptance_acceptance_date ON practice_acceptance (region_code, acceptance_date, id);
CREATE INDEX practice_acceptance_route ON practice_acceptance (region_code, route_id, id);
ALTER TABLE practice_acceptance ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON practice_acceptance
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
-- Who saw it reads it, and decides on it once it was handed in.
CREATE POLICY observer_reads ON practice_acceptance FOR SELECT
  USING (scope_allows(region_code, NULL, NULL, observer_id::text));
CREATE POLICY observer_decides ON practice_acceptance FOR UPDATE
  USING (state = 'SUBMITTED' AND scope_allows(region_code, NULL, NULL, observer_id::text))
  WITH CHECK (state IN ('ACCEPTED', 'RETURNED') AND scope_allows(region_code, NULL, NULL, observer_id::text));
CREATE TRIGGER frozen BEFORE UPDATE ON practice_acceptance FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{DRAFT,RETURNED}',
  '{state,state_reason,person_id,observer_id,acceptance_date,delete_time,version,update_time}');
