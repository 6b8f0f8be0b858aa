-- Bodies that moved: where they lay before, and what a move wrote.
ALTER TABLE organisation_change ADD COLUMN municipality text NOT NULL DEFAULT '';

CREATE TABLE organisation_former_municipality (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  municipality_id text,
  valid_from_date date,
  valid_until_date date NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  -- One municipality on any date.
  CONSTRAINT organisation_former_municipality_one_place EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX organisation_former_municipality_organisation ON organisation_former_municipality (region_code, organisation_id, id);
CREATE INDEX organisation_former_municipality_municipality ON organisation_former_municipality (region_code, municipality_id, id);

-- Seen by those who see the body.
ALTER TABLE organisation_former_municipality ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation_former_municipality USING (
  scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = organisation_former_municipality.region_code
      AND o.id = organisation_former_municipality.organisation_id
  )
) WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));
