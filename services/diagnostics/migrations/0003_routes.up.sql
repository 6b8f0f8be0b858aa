-- Routes, what was agreed of them, and the programmes on offer.

CREATE TABLE route (
  region_code           text        NOT NULL,
  id                    uuid        NOT NULL,
  person_id             uuid        NOT NULL,
  organisation_id       uuid        NOT NULL,
  municipality_id       text,
  category              text        NOT NULL,
  result_id             uuid        NOT NULL,
  campaign_id           uuid        NOT NULL,
  on_centre_diagnostics boolean     NOT NULL DEFAULT false,
  state                 text        NOT NULL CHECK (state IN ('DRAFT', 'AGREED', 'APPROVED', 'ACTIVE', 'PAUSED',
                                                              'COMPLETED', 'RETURNED', 'CLOSED')),
  tutor_id              uuid,
  items                 jsonb,
  deficits              jsonb,
  uncovered             jsonb,
  total_hours           integer     NOT NULL DEFAULT 0,
  hours_limit           integer     NOT NULL DEFAULT 0,
  agreed_revision       integer     NOT NULL DEFAULT 0,
  state_reason          text        NOT NULL DEFAULT '',
  approve_date          date,
  complete_date         date,
  due_date              date,
  version               bigint      NOT NULL,
  create_time           timestamptz NOT NULL,
  update_time           timestamptz NOT NULL,
  delete_time           timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, result_id) REFERENCES result (region_code, id),
  FOREIGN KEY (region_code, campaign_id) REFERENCES campaign (region_code, id),
  UNIQUE (region_code, result_id)
);
CREATE INDEX route_person ON route (region_code, person_id);
CREATE INDEX route_organisation ON route (region_code, organisation_id);
CREATE INDEX route_municipality ON route (region_code, municipality_id);
CREATE INDEX route_campaign ON route (region_code, campaign_id, state, id);
CREATE INDEX route_state ON route (region_code, state);
CREATE INDEX route_tutor ON route (region_code, tutor_id);
CREATE INDEX route_approve_date ON route (region_code, approve_date);

-- What exactly was agreed, each time. Append-only.
CREATE TABLE route_revision (
  region_code     text        NOT NULL,
  route_id        uuid        NOT NULL,
  revision        integer     NOT NULL CHECK (revision >= 1),
  person_id       uuid        NOT NULL,
  organisation_id uuid        NOT NULL,
  municipality_id text,
  items           jsonb,
  uncovered       jsonb,
  total_hours     integer     NOT NULL,
  freeze_time     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (region_code, route_id, revision),
  FOREIGN KEY (region_code, route_id) REFERENCES route (region_code, id)
);

-- Programmes as the feed of `programs` tells them: the builder makes no remote call. Only what is on offer stands here.
CREATE TABLE programme_offer (
  region_code        text    NOT NULL,
  programme_id       uuid    NOT NULL,
  title              text    NOT NULL,
  hours              integer NOT NULL,
  register_programme boolean NOT NULL,
  for_pedagogues     boolean NOT NULL,
  for_managers       boolean NOT NULL,
  competency_codes   text[]  NOT NULL,
  PRIMARY KEY (region_code, programme_id)
);

ALTER TABLE route ENABLE ROW LEVEL SECURITY;
ALTER TABLE route FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON route
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

ALTER TABLE route_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE route_revision FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON route_revision
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

ALTER TABLE programme_offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE programme_offer FORCE ROW LEVEL SECURITY;
CREATE POLICY reference ON programme_offer FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON programme_offer USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));

-- The application freezes revisions and never rewrites them.
DO $$
DECLARE app text := current_schema() || '_app';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('REVOKE UPDATE, DELETE ON route_revision FROM %I', app);
  END IF;
END
$$;
