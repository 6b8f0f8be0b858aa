DROP INDEX specimen_code_list;
ALTER TABLE specimen DROP COLUMN twin_id;
