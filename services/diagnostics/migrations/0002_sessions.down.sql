DROP TABLE result;
DROP TABLE session;
