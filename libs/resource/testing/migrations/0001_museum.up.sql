CREATE TABLE drawer (
  region_code text NOT NULL,
  id          text NOT NULL,
  version     bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title       text NOT NULL,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE drawer ENABLE ROW LEVEL SECURITY;
ALTER TABLE drawer FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON drawer USING (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE specimen (
  region_code text NOT NULL,
  id          uuid NOT NULL,
  version     bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title       text NOT NULL,
  weight      integer NOT NULL,
  rank        bigint,
  ratio       double precision NOT NULL,
  rare        boolean NOT NULL,
  colour      text NOT NULL,
  found_date  date,
  seen_time   timestamptz,
  price       numeric,
  drawer_id   text,
  drawers_ids text[] NOT NULL,
  tags        text[] NOT NULL,
  palette     text[] NOT NULL,
  body        jsonb,
  parts       jsonb NOT NULL,
  sizes       jsonb NOT NULL,
  scan        bytea NOT NULL,
  inn         text NOT NULL,
  code        text NOT NULL,
  state       text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, drawer_id) REFERENCES drawer (region_code, id)
);
CREATE INDEX specimen_title ON specimen (region_code, title);
CREATE INDEX specimen_title_trgm ON specimen USING gin (title gin_trgm_ops);
CREATE INDEX specimen_weight ON specimen (region_code, weight);
CREATE INDEX specimen_rank ON specimen (region_code, rank);
CREATE INDEX specimen_ratio ON specimen (region_code, ratio);
CREATE INDEX specimen_colour ON specimen (region_code, colour);
CREATE INDEX specimen_found_date ON specimen (region_code, found_date);
CREATE INDEX specimen_seen_time ON specimen (region_code, seen_time);
CREATE INDEX specimen_price ON specimen (region_code, price);
CREATE INDEX specimen_drawer ON specimen (region_code, drawer_id);
CREATE INDEX specimen_drawers ON specimen USING gin (drawers_ids);
CREATE INDEX specimen_tags ON specimen USING gin (tags);
CREATE UNIQUE INDEX specimen_code ON specimen (region_code, code) WHERE code <> '' AND delete_time IS NULL;
ALTER TABLE specimen ENABLE ROW LEVEL SECURITY;
ALTER TABLE specimen FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON specimen USING (scope_allows(region_code, drawer_id, NULL, NULL));

CREATE TABLE keeper (
  region_code text NOT NULL,
  id          uuid NOT NULL,
  version     bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  family_name text NOT NULL,
  snils       text NOT NULL,
  post        text NOT NULL,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE keeper ENABLE ROW LEVEL SECURITY;
ALTER TABLE keeper FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON keeper USING (scope_allows(region_code, NULL, NULL, id::text));

CREATE TABLE loan (
  region_code text NOT NULL,
  id          uuid NOT NULL,
  version     bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  borrower    text NOT NULL,
  state       text NOT NULL,
  due_date    date,
  remarks     text[] NOT NULL,
  fee         integer NOT NULL,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE loan ENABLE ROW LEVEL SECURITY;
ALTER TABLE loan FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON loan USING (scope_allows(region_code, NULL, NULL, NULL));
