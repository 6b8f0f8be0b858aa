-- A projection: what is, and every effect that made it. Nothing here forbids an effect twice: the tests count them.
CREATE TABLE replica (
  projection    text   NOT NULL,
  name          text   NOT NULL,
  version       bigint NOT NULL,
  official_name text   NOT NULL,
  PRIMARY KEY (projection, name)
);
CREATE TABLE effect (
  n          bigint GENERATED ALWAYS AS IDENTITY,
  projection text   NOT NULL,
  name       text   NOT NULL,
  version    bigint NOT NULL
);
