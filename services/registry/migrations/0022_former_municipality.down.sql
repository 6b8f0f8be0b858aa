DROP TABLE organisation_former_municipality;
ALTER TABLE organisation_change DROP COLUMN municipality;
