-- What is measured and with what: competencies, instruments, campaigns. Reference data of a region: whoever has any
-- scope inside the region reads it, who has the region itself writes it.

-- True when the transaction's scopes lie in the region, the whole of it or a part.
CREATE FUNCTION scope_touches(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('rsnms.scopes', true), '') = '*' OR EXISTS (
    SELECT FROM unnest(string_to_array(current_setting('rsnms.scopes', true), ',')) AS scope
    WHERE scope = 'regions/' || region OR scope LIKE 'regions/' || region || '/%')
$$;

CREATE TABLE competency (
  region_code          text        NOT NULL,
  id                   text        NOT NULL,
  title                text        NOT NULL,
  parent_competency_id text,
  kind                 text        NOT NULL,
  revision             integer     NOT NULL DEFAULT 0,
  description          text        NOT NULL DEFAULT '',
  source               text        NOT NULL DEFAULT '',
  version              bigint      NOT NULL,
  create_time          timestamptz NOT NULL,
  update_time          timestamptz NOT NULL,
  delete_time          timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, parent_competency_id) REFERENCES competency (region_code, id),
  -- A child's code begins with its parent's: no cycles.
  CHECK (parent_competency_id IS NULL OR starts_with(id, parent_competency_id || '-'))
);
CREATE INDEX competency_parent ON competency (region_code, parent_competency_id);
CREATE INDEX competency_kind ON competency (region_code, kind);
CREATE INDEX competency_title ON competency (region_code, title);

CREATE TABLE instrument (
  region_code       text        NOT NULL,
  id                text        NOT NULL,
  title             text        NOT NULL,
  family            text        NOT NULL,
  edition           integer     NOT NULL CHECK (edition >= 1),
  kind              text        NOT NULL,
  audience          text        NOT NULL,
  state             text        NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
  source            text        NOT NULL DEFAULT '',
  scales            jsonb,
  groups            jsonb,
  thresholds        jsonb,
  levels            jsonb,
  stated_max_points integer     NOT NULL DEFAULT 0,
  version           bigint      NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  delete_time       timestamptz,
  PRIMARY KEY (region_code, id),
  UNIQUE (region_code, family, edition)
);
CREATE INDEX instrument_state ON instrument (region_code, state);
CREATE INDEX instrument_title ON instrument (region_code, title);

CREATE TABLE campaign (
  region_code                text        NOT NULL,
  id                         uuid        NOT NULL,
  title                      text        NOT NULL,
  stage                      text        NOT NULL,
  state                      text        NOT NULL CHECK (state IN ('DRAFT', 'OPEN', 'CLOSED')),
  conducting_organisation_id uuid        NOT NULL,
  held_at_centre             boolean     NOT NULL DEFAULT false,
  start_date                 date        NOT NULL,
  end_date                   date        NOT NULL,
  instruments_ids            text[]      NOT NULL DEFAULT '{}',
  version                    bigint      NOT NULL,
  create_time                timestamptz NOT NULL,
  update_time                timestamptz NOT NULL,
  delete_time                timestamptz,
  PRIMARY KEY (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX campaign_state ON campaign (region_code, state);
CREATE INDEX campaign_conducting_organisation ON campaign (region_code, conducting_organisation_id);
CREATE INDEX campaign_start_date ON campaign (region_code, start_date);
CREATE INDEX campaign_title ON campaign (region_code, title);

ALTER TABLE competency ENABLE ROW LEVEL SECURITY;
ALTER TABLE competency FORCE ROW LEVEL SECURITY;
CREATE POLICY reference ON competency FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON competency USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));

ALTER TABLE instrument ENABLE ROW LEVEL SECURITY;
ALTER TABLE instrument FORCE ROW LEVEL SECURITY;
CREATE POLICY reference ON instrument FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON instrument USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));

ALTER TABLE campaign ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign FORCE ROW LEVEL SECURITY;
CREATE POLICY reference ON campaign FOR SELECT USING (scope_touches(region_code));
CREATE POLICY scope ON campaign
  USING (scope_allows(region_code, NULL::text, conducting_organisation_id::text, NULL::text));
