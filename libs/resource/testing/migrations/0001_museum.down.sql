DROP TABLE loan;
DROP TABLE keeper;
DROP TABLE specimen;
DROP TABLE drawer;
