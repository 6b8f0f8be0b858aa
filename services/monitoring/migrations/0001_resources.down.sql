DROP TABLE passport_revision;
DROP TABLE passport;
DROP TABLE indicator_value;
DROP TABLE profile;
DROP TABLE period;
DROP FUNCTION scope_touches(text);
