DROP TABLE organisation_change;
DROP TABLE organisation_former_name;
ALTER TABLE organisation DROP COLUMN successors_ids;
