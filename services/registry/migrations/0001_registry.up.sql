-- Who and what the system consists of. Columns follow the mapping in libs/resource/engine.h.
-- btree_gist and pg_trgm are the migrator's business (libs/pg/migrate.cc).
--
-- Exclusion constraints lead with the most selective column and take the region's code as a number: GiST over text
-- costs three times as much on every insert.

CREATE TABLE region (
  region_code text NOT NULL,
  id text NOT NULL CHECK (id = region_code),
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  official_name text NOT NULL,
  oktmo_code text NOT NULL,
  time_zone text NOT NULL,
  PRIMARY KEY (region_code, id),
  UNIQUE (region_code)
);
CREATE INDEX region_official_name ON region (region_code, official_name, id);

CREATE TABLE municipality (
  region_code text NOT NULL REFERENCES region (region_code),
  id text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  official_name text NOT NULL,
  kind text NOT NULL,
  oktmo_code text NOT NULL CHECK (oktmo_code = id),
  PRIMARY KEY (region_code, id)
);
CREATE INDEX municipality_official_name ON municipality (region_code, official_name, id);

CREATE TABLE organisation (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  official_name text NOT NULL,
  short_name text NOT NULL,
  kind text NOT NULL,
  municipality_id text,
  inn text NOT NULL,
  kpp text NOT NULL,
  ogrn text NOT NULL,
  founded_date date,
  closed_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (closed_date >= founded_date)
);
CREATE INDEX organisation_official_name ON organisation (region_code, official_name, id);
CREATE INDEX organisation_official_name_trigram
  ON organisation USING gin (official_name gin_trgm_ops);
CREATE INDEX organisation_kind ON organisation (region_code, kind, id);
CREATE INDEX organisation_municipality ON organisation (region_code, municipality_id, id);
CREATE INDEX organisation_inn ON organisation (region_code, inn);
CREATE INDEX organisation_ogrn ON organisation (region_code, ogrn);
CREATE UNIQUE INDEX organisation_living_ogrn ON organisation (region_code, ogrn)
  WHERE delete_time IS NULL AND ogrn <> '';

CREATE TABLE organisation_link (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  child_id uuid NOT NULL,
  parent_id uuid NOT NULL CHECK (parent_id <> child_id),
  hierarchy text NOT NULL,
  valid_from_date date NOT NULL,
  valid_until_date date,
  basis_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, child_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, parent_id) REFERENCES organisation (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  -- One parent per hierarchy on any date.
  CONSTRAINT organisation_link_one_parent EXCLUDE USING gist (
    child_id WITH =, (region_code::int) WITH =, hierarchy WITH =,
    daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX organisation_link_child ON organisation_link (region_code, child_id, id);
CREATE INDEX organisation_link_parent ON organisation_link (region_code, parent_id, id);

CREATE TABLE person (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  family_name text NOT NULL,
  given_name text NOT NULL,
  patronymic text NOT NULL,
  birth_date date,
  sex text NOT NULL,
  snils text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  teaching_start_date date,
  young_specialist_until_date date,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX person_family_name ON person (region_code, family_name, id);
CREATE INDEX person_young_until ON person (region_code, young_specialist_until_date, id);
CREATE INDEX person_snils ON person (region_code, snils);
-- The value stands in clear until it is encrypted with a keyed blind index, on which this constraint will then stand.
CREATE UNIQUE INDEX person_living_snils ON person (region_code, snils)
  WHERE delete_time IS NULL AND snils <> '';

CREATE TABLE employment (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  category text NOT NULL,
  post_code text NOT NULL,
  post_title text NOT NULL,
  subject_codes text[] NOT NULL,
  start_date date NOT NULL,
  end_date date,
  main boolean NOT NULL,
  rate numeric CHECK (rate > 0 AND rate <= 2),
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  -- municipality_id is the organisation's, which has a foreign key of its own.
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (end_date >= start_date),
  -- One main place of work on any date.
  CONSTRAINT employment_one_main EXCLUDE USING gist (
    person_id WITH =, (region_code::int) WITH =, daterange(start_date, end_date, '[]') WITH &&
  ) WHERE (main AND delete_time IS NULL)
);
CREATE INDEX employment_person ON employment (region_code, person_id, id);
CREATE INDEX employment_organisation ON employment (region_code, organisation_id, id);
CREATE INDEX employment_municipality ON employment (region_code, municipality_id, id);

CREATE TABLE support_record (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid,
  form text NOT NULL,
  mentor_id uuid CHECK (mentor_id <> person_id),
  title text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, mentor_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX support_record_person ON support_record (region_code, person_id, id);
CREATE INDEX support_record_organisation ON support_record (region_code, organisation_id, id);

CREATE TABLE management_team (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  municipality_id text,
  members_ids text[] NOT NULL CHECK (cardinality(members_ids) > 0),
  mentoring_role text NOT NULL,
  formed_date date NOT NULL,
  disbanded_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (disbanded_date >= formed_date),
  -- One team of a body on any date.
  CONSTRAINT management_team_one_team EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, daterange(formed_date, disbanded_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX management_team_organisation ON management_team (region_code, organisation_id, id);
CREATE INDEX management_team_municipality ON management_team (region_code, municipality_id, id);
