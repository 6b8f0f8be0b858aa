-- What the feed of `programs` tells about learning by routes. A route's items are a function of the route itself and of
-- these tables, whatever the order and the batches in which they were filled.

-- Enrolments that name a route. A deleted one stays, as DELETED.
CREATE TABLE learning (
  region_code   text        NOT NULL,
  enrolment_id  uuid        NOT NULL,
  route_id      uuid        NOT NULL,
  item_number   integer     NOT NULL,  -- 0: the route is meant as a whole
  programme_id  uuid        NOT NULL,
  state         text        NOT NULL,  -- the enrolment's, WAITING for an application without a seat, or DELETED
  changed_date  date,
  changed_time  timestamptz NOT NULL,
  PRIMARY KEY (region_code, enrolment_id)
);
CREATE INDEX learning_route ON learning (region_code, route_id);
CREATE INDEX learning_programme ON learning (region_code, programme_id);

-- What closes items: completions that name a route.
CREATE TABLE learning_outcome (
  region_code   text    NOT NULL,
  collection    text    NOT NULL,  -- completions
  id            uuid    NOT NULL,
  enrolment_id  uuid,              -- a VOID or DELETED one makes the outcome void
  route_id      uuid    NOT NULL,
  item_number   integer NOT NULL,
  programme_id  uuid,
  done_date     date,
  void          boolean NOT NULL,  -- known to be taken back
  PRIMARY KEY (region_code, collection, id)
);
CREATE INDEX learning_outcome_route ON learning_outcome (region_code, route_id);

-- Programmes known to be withdrawn or deleted. A programme that stands neither here nor in programme_offer is unknown.
CREATE TABLE programme_withdrawn (
  region_code  text NOT NULL,
  programme_id uuid NOT NULL,
  PRIMARY KEY (region_code, programme_id)
);

-- Which routes a programme's withdrawal concerns: those that have not ended, by the programmes of their planned items.
-- A table of its own and not an index over `items`: row level security keeps operators of jsonb off an index.
CREATE TABLE route_programme (
  region_code  text NOT NULL,
  programme_id uuid NOT NULL,
  route_id     uuid NOT NULL,
  PRIMARY KEY (region_code, programme_id, route_id)
);
CREATE INDEX route_programme_route ON route_programme (region_code, route_id);

ALTER TABLE route ADD COLUMN needs_attention boolean NOT NULL DEFAULT false;
CREATE INDEX route_needs_attention ON route (region_code, needs_attention, id);

-- The owner sees all rows.
ALTER TABLE route NO FORCE ROW LEVEL SECURITY;
INSERT INTO route_programme (region_code, programme_id, route_id)
  SELECT DISTINCT r.region_code, split_part(i ->> 'programme', '/', 4)::uuid, r.id
    FROM route r, jsonb_array_elements(coalesce(r.items, '[]')) AS i
   WHERE r.state NOT IN ('COMPLETED', 'CLOSED') AND coalesce(i ->> 'programme', '') <> ''
     AND coalesce(i ->> 'state', 'STATE_PLANNED') = 'STATE_PLANNED';
ALTER TABLE route FORCE ROW LEVEL SECURITY;

ALTER TABLE learning ENABLE ROW LEVEL SECURITY;
ALTER TABLE learning FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON learning USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));
ALTER TABLE learning_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE learning_outcome FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON learning_outcome USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));
ALTER TABLE programme_withdrawn ENABLE ROW LEVEL SECURITY;
ALTER TABLE programme_withdrawn FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON programme_withdrawn USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));
ALTER TABLE route_programme ENABLE ROW LEVEL SECURITY;
ALTER TABLE route_programme FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON route_programme USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));
