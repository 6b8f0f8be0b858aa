DROP FUNCTION projection_analyze();
