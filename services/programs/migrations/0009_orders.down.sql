ALTER TABLE enrolment DROP COLUMN training_order_id, DROP COLUMN order_line;
DROP TABLE training_order;
DROP FUNCTION training_order_is_frozen();
