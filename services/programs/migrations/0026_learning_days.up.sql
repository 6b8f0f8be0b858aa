-- How much of a day is learned, over all records of a person.
ALTER TABLE learning_rules
  ADD COLUMN daily_hours_maximum integer CHECK (daily_hours_maximum BETWEEN 1 AND 24);
