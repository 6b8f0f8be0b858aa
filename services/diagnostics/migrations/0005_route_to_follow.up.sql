-- Routes that wait to be moved by what was told of their learning. Whoever tells adds a row, the follower of routes takes
-- rows away, together with what it makes of the routes. A route may stand here several times: adding waits for nobody.
CREATE TABLE route_to_follow (
  region_code text        NOT NULL,
  id          bigint      GENERATED ALWAYS AS IDENTITY,
  route_id    uuid        NOT NULL,
  not_before  timestamptz NOT NULL DEFAULT '-infinity',  -- put off: the route could not be written
  PRIMARY KEY (id)
);
ALTER TABLE route_to_follow ENABLE ROW LEVEL SECURITY;
ALTER TABLE route_to_follow FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON route_to_follow USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));

-- One row per programme told of, or named by a route, never deleted: who names a programme holds its row, and who tells
-- of a withdrawal changes it.
ALTER TABLE programme_withdrawn RENAME TO programme_told;
ALTER TABLE programme_told ADD COLUMN withdrawn boolean NOT NULL DEFAULT true;
ALTER TABLE programme_told ALTER COLUMN withdrawn DROP DEFAULT;
