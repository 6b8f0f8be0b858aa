DROP TRIGGER keep_reported ON participation;
DROP FUNCTION participation_keep_reported;
