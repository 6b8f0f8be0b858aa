DROP TABLE programme_offer;
DROP TABLE route_revision;
DROP TABLE route;
