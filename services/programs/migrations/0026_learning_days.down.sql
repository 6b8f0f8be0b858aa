ALTER TABLE learning_rules DROP COLUMN daily_hours_maximum;
