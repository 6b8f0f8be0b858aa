-- What the registry knows of people beyond the card, search by name, and tombstones of merged duplicates.

-- A name as it is searched: lower case, ё as е, hyphens and runs of spaces as one space. The letters are spelled out:
-- lower() depends on the database's locale.
CREATE FUNCTION person_search_form(name text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(translate(lower(name),
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁё', 'абвгдежзийклмнопрстуфхцчшщъыьэюяее'),
    '[-‐‑–— \u00a0]+', ' ', 'g'))
$$;

-- Comparisons of plain columns are leakproof, so that row level security lets them use an index; an expression, LIKE
-- and trigrams are not. Beginnings of words are ranges of these columns. "C" orders by bytes: a range is a prefix.
ALTER TABLE person
  ADD COLUMN merged_into_id uuid,
  ADD COLUMN search_family text COLLATE "C" GENERATED ALWAYS AS (person_search_form(family_name)) STORED,
  ADD COLUMN search_given text COLLATE "C" GENERATED ALWAYS AS (person_search_form(given_name)) STORED,
  ADD COLUMN search_patronymic text COLLATE "C" GENERATED ALWAYS AS (person_search_form(patronymic)) STORED,
  -- The second word of a double family name, and of a double given name or patronymic (Гасан оглы).
  ADD COLUMN search_second text COLLATE "C"
    GENERATED ALWAYS AS (split_part(person_search_form(family_name), ' ', 2)) STORED,
  ADD COLUMN search_other text COLLATE "C"
    GENERATED ALWAYS AS (coalesce(nullif(split_part(person_search_form(patronymic), ' ', 2), ''),
                                  split_part(person_search_form(given_name), ' ', 2))) STORED,
  ADD FOREIGN KEY (region_code, merged_into_id) REFERENCES person (region_code, id),
  ADD CONSTRAINT person_merged_is_deleted CHECK (merged_into_id IS NULL OR delete_time IS NOT NULL),
  ADD CONSTRAINT person_merged_into_another CHECK (merged_into_id <> id);
CREATE INDEX person_merged_into ON person (region_code, merged_into_id, id);
CREATE INDEX person_search_name
  ON person (region_code, search_family, search_given, search_patronymic, id) WHERE delete_time IS NULL;
CREATE INDEX person_search_given ON person (region_code, search_given) WHERE delete_time IS NULL;
CREATE INDEX person_search_patronymic ON person (region_code, search_patronymic) WHERE delete_time IS NULL;
CREATE INDEX person_search_second ON person (region_code, search_second)
  WHERE delete_time IS NULL AND search_second <> '';
CREATE INDEX person_search_other ON person (region_code, search_other)
  WHERE delete_time IS NULL AND search_other <> '';
-- Where duplicates are looked for.
CREATE INDEX person_birth_date ON person (region_code, birth_date) WHERE delete_time IS NULL;
CREATE INDEX person_email ON person (region_code, email) WHERE delete_time IS NULL AND email <> '';
CREATE INDEX person_phone ON person (region_code, phone) WHERE delete_time IS NULL AND phone <> '';

-- A tombstone is seen by those who see the survivor: old names resolve for them too.
DROP POLICY scope ON person;
CREATE POLICY scope ON person USING (
  scope_allows(region_code, NULL, NULL, id::text)
  OR scope_allows(region_code, NULL, NULL, merged_into_id::text)
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.id AND e.delete_time IS NULL
  )
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.merged_into_id AND e.delete_time IS NULL
  )
);

CREATE TABLE consent (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  purpose text NOT NULL,
  form_version text NOT NULL,
  document text NOT NULL,
  document_sha256 text NOT NULL,
  given_date date,
  valid_until_date date,
  withdrawn_date date,
  destroy_due_date date,
  state text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  CHECK (valid_until_date >= given_date),
  CHECK (withdrawn_date >= given_date),
  CHECK (state = 'DRAFT' OR given_date IS NOT NULL)
);
CREATE INDEX consent_person ON consent (region_code, person_id, id);
ALTER TABLE consent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON consent USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = consent.region_code AND p.id = consent.person_id
  )
);

CREATE TABLE qualification (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  category text NOT NULL,
  post_code text NOT NULL,
  decision_date date NOT NULL,
  valid_until_date date,
  decision_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  CHECK (valid_until_date >= decision_date)
);
CREATE INDEX qualification_person ON qualification (region_code, person_id, id);
CREATE INDEX qualification_valid_until ON qualification (region_code, valid_until_date, id);
ALTER TABLE qualification ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON qualification USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = qualification.region_code AND p.id = qualification.person_id
  )
);

CREATE TABLE corporate_training (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  start_date date NOT NULL,
  end_date date NOT NULL,
  hours integer NOT NULL CHECK (hours BETWEEN 1 AND 1000),
  document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX corporate_training_person ON corporate_training (region_code, person_id, id);
CREATE INDEX corporate_training_organisation ON corporate_training (region_code, organisation_id, id);
CREATE INDEX corporate_training_end_date ON corporate_training (region_code, end_date, id);
ALTER TABLE corporate_training ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON corporate_training USING (
  scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = corporate_training.region_code AND p.id = corporate_training.person_id
  )
);

CREATE TABLE self_education_theme (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  title text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  result_form text NOT NULL,
  report_url text NOT NULL,
  publish_date date,
  state text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  CHECK (end_date >= start_date)
);
CREATE INDEX self_education_theme_person ON self_education_theme (region_code, person_id, id);
CREATE INDEX self_education_theme_end_date ON self_education_theme (region_code, end_date, id);
ALTER TABLE self_education_theme ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON self_education_theme USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = self_education_theme.region_code AND p.id = self_education_theme.person_id
  )
);

CREATE TABLE career_evidence (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  person_id uuid NOT NULL,
  criterion_code text NOT NULL,
  value numeric,
  evidence_date date NOT NULL,
  valid_until_date date,
  document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  CHECK (valid_until_date >= evidence_date)
);
CREATE INDEX career_evidence_person ON career_evidence (region_code, person_id, id);
ALTER TABLE career_evidence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON career_evidence USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = career_evidence.region_code AND p.id = career_evidence.person_id
  )
);

-- Not followed by merges: survivor and duplicate keep the names they had.
CREATE TABLE person_merge (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  survivor text NOT NULL,
  duplicate text NOT NULL,
  reason text NOT NULL,
  filled_fields text[] NOT NULL,
  repointed_count integer NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (region_code, id)
);
CREATE INDEX person_merge_survivor ON person_merge (region_code, survivor, id);
CREATE INDEX person_merge_duplicate ON person_merge (region_code, duplicate, id);
ALTER TABLE person_merge ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON person_merge USING (scope_allows(region_code, NULL, NULL, NULL));

-- A person is merged at most once at a time.
CREATE UNIQUE INDEX person_merge_once ON person_merge (region_code, duplicate) WHERE state = 'MERGED';
