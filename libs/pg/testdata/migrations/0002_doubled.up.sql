ALTER TABLE item ADD COLUMN doubled bigint;
UPDATE item SET doubled = amount * 2;
INSERT INTO secret (region_code, id) SELECT '86', id FROM item;
