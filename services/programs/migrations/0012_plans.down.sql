DROP TABLE training_plan;
DROP FUNCTION training_plan_is_frozen();
