-- Life of bodies: who took whose place, names borne before, and what each change moved.
ALTER TABLE organisation ADD COLUMN successors_ids text[] NOT NULL DEFAULT '{}';

CREATE TABLE organisation_former_name (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  official_name text NOT NULL,
  short_name text NOT NULL,
  valid_from_date date,
  valid_until_date date NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  -- One name on any date.
  CONSTRAINT organisation_former_name_one_name EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX organisation_former_name_organisation ON organisation_former_name (region_code, organisation_id, id);
CREATE INDEX organisation_former_name_official_name ON organisation_former_name (region_code, official_name, id);
CREATE INDEX organisation_former_name_trigram ON organisation_former_name USING gin (official_name gin_trgm_ops);

CREATE TABLE organisation_change (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  kind text NOT NULL,
  state text NOT NULL,
  change_date date NOT NULL,
  basis_document text NOT NULL,
  sources text[] NOT NULL CHECK (cardinality(sources) > 0),
  targets text[] NOT NULL,
  effects jsonb NOT NULL,
  sums jsonb,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX organisation_change_date ON organisation_change (region_code, change_date, id);

-- A former name is seen by those who see the body, a change by those who see one of its bodies.
ALTER TABLE organisation_former_name ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation_former_name USING (
  scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = organisation_former_name.region_code AND o.id = organisation_former_name.organisation_id
  )
);
ALTER TABLE organisation_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation_change USING (
  scope_allows(region_code, NULL, NULL, NULL)
  OR EXISTS (
    SELECT FROM unnest(sources || targets) AS body
      JOIN organisation o ON o.region_code = organisation_change.region_code
       AND o.id = split_part(body, '/', 4)::uuid
  )
);
