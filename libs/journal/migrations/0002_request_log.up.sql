-- What makes writes idempotent and reads of personal data accountable.

-- One row per request that carried a request_id, written in the transaction of its effect. No personal data: the
-- request is kept as a keyed hash, the response without its personal fields.
CREATE TABLE request_log (
  actor         text        NOT NULL,              -- token subject: ids of different callers never meet
  request_id    uuid        NOT NULL,
  method        text        NOT NULL,              -- full name of the RPC
  request_hash  bytea       NOT NULL,              -- HMAC-SHA256 of the request without its request_id
  response      bytea       NOT NULL DEFAULT '',   -- serialised response, see libs/resource/request_log.h
  resource_name text        NOT NULL DEFAULT '',   -- resource answered, when the response is one
  create_time   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor, request_id)
);
-- Retention.
CREATE INDEX request_log_create_time ON request_log (create_time);

-- Reads of resources that hold personal data (152-ФЗ, article 19): who read whom, when, by which method. Written before
-- the answer leaves.
CREATE TABLE access_log (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  access_time   timestamptz NOT NULL DEFAULT now(),
  actor         text        NOT NULL,
  method        text        NOT NULL,
  trace_id      text        NOT NULL,
  resource_type text        NOT NULL,
  region_code   text        NOT NULL,
  resource_id   text        NOT NULL
);
CREATE INDEX access_log_resource ON access_log (region_code, resource_type, resource_id, access_time);
CREATE INDEX access_log_time ON access_log USING brin (access_time);

ALTER TABLE access_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_log FORCE ROW LEVEL SECURITY;
-- Reading takes the whole region in scope; a read is recorded whatever the reader's scope.
CREATE POLICY scope ON access_log FOR SELECT USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY append ON access_log FOR INSERT WITH CHECK (true);
CREATE POLICY retention ON access_log FOR DELETE USING (scope_allows(region_code, NULL, NULL, NULL));

-- The application appends to the access log and never rewrites it.
DO $$
DECLARE app text := current_schema() || '_app';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('REVOKE ALL ON access_log FROM %I', app);
    EXECUTE format('GRANT SELECT, INSERT ON access_log TO %I', app);
  END IF;
END
$$;
