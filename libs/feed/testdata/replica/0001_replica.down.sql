DROP TABLE effect;
DROP TABLE replica;
