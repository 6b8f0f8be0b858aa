DROP TABLE campaign;
DROP TABLE instrument;
DROP TABLE competency;
DROP FUNCTION scope_touches(text);
