-- Professional bodies, their members, meetings and plans. Bodies are public within a region (policy `open`); the rest
-- is seen by those who see the organisation or the person.

-- Whether the caller's scopes reach into a region at all: what is public within it is shown to them.
CREATE FUNCTION scope_touches(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE position(',regions/' || region || '/' IN
                  ',' || replace(current_setting('rsnms.scopes', true), ',', '/,') || '/') > 0
  END
$$;

CREATE TABLE community (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  short_title text NOT NULL,
  kind text NOT NULL,
  act text NOT NULL,
  organisation_id uuid NOT NULL,
  parent_id uuid,
  level text NOT NULL,
  clause text NOT NULL,
  theme text NOT NULL,
  subject_codes text[] NOT NULL,
  network boolean NOT NULL,
  quorum_percent integer,
  rights text[] NOT NULL,
  state text NOT NULL,
  established_date date,
  founding_document text NOT NULL,
  decision_document text NOT NULL,
  active_date date,
  closed_date date,
  closing_document text NOT NULL,
  successor_id uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, parent_id) REFERENCES community (region_code, id),
  FOREIGN KEY (region_code, successor_id) REFERENCES community (region_code, id),
  CHECK (closed_date >= established_date),
  CHECK (parent_id <> id)
);
CREATE INDEX community_title ON community (region_code, title, id);
CREATE INDEX community_title_trigram ON community USING gin (title gin_trgm_ops);
CREATE INDEX community_kind ON community (region_code, kind, id);
CREATE INDEX community_organisation ON community (region_code, organisation_id, id);
CREATE INDEX community_parent ON community (region_code, parent_id, id);
CREATE INDEX community_subject_codes ON community USING gin (subject_codes);
CREATE INDEX community_state ON community (region_code, state, id);
ALTER TABLE community ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON community USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = community.region_code AND o.id = community.organisation_id));
CREATE POLICY open ON community FOR SELECT USING (scope_touches(region_code));

CREATE TABLE membership (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  community_id uuid NOT NULL,
  person_id uuid NOT NULL,
  role text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  basis_document text NOT NULL,
  consideration_document text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, community_id) REFERENCES community (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (end_date >= start_date),
  -- Nobody is twice in a body on one day.
  CONSTRAINT membership_once EXCLUDE USING gist (
    community_id WITH =, person_id WITH =, (region_code::int) WITH =,
    daterange(start_date, end_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL),
  -- One chair on any day.
  CONSTRAINT membership_one_chair EXCLUDE USING gist (
    community_id WITH =, (region_code::int) WITH =, daterange(start_date, end_date, '[]') WITH &&
  ) WHERE (role = 'CHAIR' AND delete_time IS NULL)
);
CREATE INDEX membership_community ON membership (region_code, community_id, id);
CREATE INDEX membership_person ON membership (region_code, person_id, id);
CREATE INDEX membership_organisation ON membership (region_code, organisation_id, id);
ALTER TABLE membership ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON membership USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = membership.region_code AND o.id = membership.organisation_id)
  OR EXISTS (SELECT FROM person p WHERE p.region_code = membership.region_code AND p.id = membership.person_id));

CREATE TABLE meeting (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  community_id uuid NOT NULL,
  number text NOT NULL,
  planned_date date NOT NULL,
  place text NOT NULL,
  agenda jsonb NOT NULL,
  state text NOT NULL,
  held_date date,
  attendees_ids text[] NOT NULL,
  guests_ids text[] NOT NULL,
  member_count integer NOT NULL,
  chair_id uuid,
  minutes_document text NOT NULL,
  minutes_text text NOT NULL,
  minutes_date date,
  community_title text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, community_id) REFERENCES community (region_code, id),
  FOREIGN KEY (region_code, chair_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (minutes_date >= held_date)
);
CREATE INDEX meeting_community ON meeting (region_code, community_id, id);
CREATE INDEX meeting_planned_date ON meeting (region_code, planned_date, id);
CREATE INDEX meeting_state ON meeting (region_code, state, id);
CREATE INDEX meeting_organisation ON meeting (region_code, organisation_id, id);
ALTER TABLE meeting ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON meeting USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = meeting.region_code AND o.id = meeting.organisation_id));

CREATE TABLE meeting_decision (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  meeting_id uuid NOT NULL,
  number integer NOT NULL,
  text text NOT NULL,
  owner_id uuid NOT NULL,
  due_date date NOT NULL,
  state text NOT NULL,
  done_date date,
  result text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, meeting_id) REFERENCES meeting (region_code, id),
  FOREIGN KEY (region_code, owner_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX meeting_decision_meeting ON meeting_decision (region_code, meeting_id, id);
CREATE INDEX meeting_decision_owner ON meeting_decision (region_code, owner_id, id);
CREATE INDEX meeting_decision_due_date ON meeting_decision (region_code, due_date, id);
CREATE INDEX meeting_decision_state ON meeting_decision (region_code, state, id);
CREATE INDEX meeting_decision_organisation ON meeting_decision (region_code, organisation_id, id);
ALTER TABLE meeting_decision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON meeting_decision USING (scope_allows(region_code, NULL, organisation_id::text, owner_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = meeting_decision.region_code AND o.id = meeting_decision.organisation_id));

CREATE TABLE community_plan (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  community_id uuid NOT NULL,
  school_year integer NOT NULL,
  items jsonb NOT NULL,
  state text NOT NULL,
  approving_meeting_id uuid,
  approved_date date,
  approving_document text NOT NULL,
  report text NOT NULL,
  organisation_id uuid NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, community_id) REFERENCES community (region_code, id),
  FOREIGN KEY (region_code, approving_meeting_id) REFERENCES meeting (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id)
);
CREATE INDEX community_plan_community ON community_plan (region_code, community_id, id);
CREATE INDEX community_plan_school_year ON community_plan (region_code, school_year, id);
CREATE INDEX community_plan_state ON community_plan (region_code, state, id);
CREATE INDEX community_plan_organisation ON community_plan (region_code, organisation_id, id);
ALTER TABLE community_plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON community_plan USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = community_plan.region_code AND o.id = community_plan.organisation_id));

CREATE UNIQUE INDEX meeting_decision_number ON meeting_decision (region_code, meeting_id, number)
  WHERE delete_time IS NULL;
CREATE UNIQUE INDEX community_plan_year ON community_plan (region_code, community_id, school_year)
  WHERE delete_time IS NULL;
