-- What every service's schema has beside its own tables: the reader's scope, the journal with its seals, the cursors
-- of the feeds it follows. Runs as <schema>_owner with search_path = <schema>.

-- True when the transaction's scopes (`rsnms.scopes`, set by libs/pg for each transaction: `*`, or resource-name
-- prefixes separated by commas) cover a row of this region, municipality, organisation or person. Unset or empty
-- shows nothing. One expression without sub-selects, so that the planner inlines it into policies.
CREATE FUNCTION scope_allows(region text, municipality text, organisation text, person text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE string_to_array(current_setting('rsnms.scopes', true), ',') && ARRAY[
      'regions/' || region,
      'regions/' || region || '/municipalities/' || municipality,
      'regions/' || region || '/organisations/' || organisation,
      'regions/' || region || '/persons/' || person]
  END
$$;

-- One row for every committed change of a resource. `seq` is an identity, hence not commit order: readers follow
-- journal_seal. Never changed once written; only the owner removes rows, by retention.
CREATE TABLE journal (
  seq            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid            xid8        NOT NULL DEFAULT pg_current_xact_id(),
  change_time    timestamptz NOT NULL DEFAULT clock_timestamp(),
  region_code    text        NOT NULL,
  resource_type  text        NOT NULL,
  resource_id    text        NOT NULL,
  kind           smallint    NOT NULL,  -- rsnms.feed.v1.ChangeKind
  version        bigint      NOT NULL,
  changed_fields text[]      NOT NULL DEFAULT '{}',
  image          bytea       NOT NULL DEFAULT '',
  actor          text        NOT NULL DEFAULT '',
  request_id     text        NOT NULL DEFAULT '',
  trace_id       text        NOT NULL DEFAULT '',
  reason         text        NOT NULL DEFAULT ''
);
-- Images are protobuf: short ones gain nothing from compression, and the feed reads every one of them.
ALTER TABLE journal ALTER COLUMN image SET STORAGE EXTERNAL;
-- The sealer's walk.
CREATE INDEX journal_unsealed ON journal (xid, seq);
-- The history of one resource.
CREATE INDEX journal_history ON journal (region_code, resource_type, resource_id, version);

ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal FORCE ROW LEVEL SECURITY;
-- Reading takes the whole region in scope. Writing is judged on the business row the entry accompanies.
CREATE POLICY scope ON journal FOR SELECT USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY append ON journal FOR INSERT WITH CHECK (true);
CREATE POLICY retention ON journal FOR DELETE USING (scope_allows(region_code, NULL, NULL, NULL));

-- The sealer's stamps. hash = SHA-256(previous hash || canonical fields of the row), see libs/journal/chain.h.
CREATE TABLE journal_seal (
  position bigint PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  xid      xid8   NOT NULL,
  hash     bytea  NOT NULL
);

-- Incarnations of the database. Rows with seq <= base_seq came with the restored data and were sealed when the epoch
-- began; transaction ids are comparable only above it.
CREATE TABLE journal_epoch (
  number            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch             uuid        NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  system_identifier bigint      NOT NULL,
  database_oid      bigint      NOT NULL,
  base_seq          bigint      NOT NULL,
  base_position     bigint      NOT NULL,
  start_time        timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND
     current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
    RETURN NULL;  -- retention
  END IF;
  RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_seal
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_epoch
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- Holds every writer of the journal until the transaction ends (a new epoch begins). The lock asks for rights the
-- application lacks on purpose, so the owner takes it.
CREATE FUNCTION journal_hold() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE;
END
$$;

-- The feeds this service follows: what is committed together with the projection.
CREATE TABLE feed_cursor (
  id             integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  source         text   NOT NULL,              -- service followed
  name           text   NOT NULL,              -- projection
  epoch          text   NOT NULL DEFAULT '',   -- empty: no state yet, a snapshot is needed
  position       bigint NOT NULL DEFAULT 0,
  hash           bytea  NOT NULL DEFAULT '',   -- chain value at `position`
  snapshot_token text,                         -- page to go on from while a snapshot is being read
  update_time    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, name)
);

-- The version of each resource a projection holds: a change takes effect only when it brings a greater one.
CREATE TABLE feed_guard (
  cursor_id     integer NOT NULL REFERENCES feed_cursor (id) ON DELETE CASCADE,
  resource_type text    NOT NULL,
  region_code   text    NOT NULL,
  resource_id   text    NOT NULL,
  version       bigint  NOT NULL,
  PRIMARY KEY (cursor_id, resource_type, region_code, resource_id)
);

-- The application appends and reads; which transaction wrote a row and when is the database's to say.
DO $$
DECLARE app text := current_schema() || '_app';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('REVOKE ALL ON journal, journal_seal, journal_epoch FROM %I', app);
    EXECUTE 'REVOKE ALL ON FUNCTION journal_hold() FROM PUBLIC';
    EXECUTE format('GRANT EXECUTE ON FUNCTION journal_hold() TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT ON journal_seal, journal_epoch TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT (region_code, resource_type, resource_id, kind, version, changed_fields, '
                   'image, actor, request_id, trace_id, reason) ON journal TO %I', app);
  END IF;
END
$$;
