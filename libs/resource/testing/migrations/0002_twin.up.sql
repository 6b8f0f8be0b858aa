ALTER TABLE specimen ADD COLUMN twin_id uuid;
ALTER TABLE specimen ADD FOREIGN KEY (region_code, twin_id) REFERENCES specimen (region_code, id);
CREATE INDEX specimen_twin ON specimen (region_code, twin_id);
-- The unique index of codes leaves rows out, so it serves no list.
CREATE INDEX specimen_code_list ON specimen (region_code, code);
