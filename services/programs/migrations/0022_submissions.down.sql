DROP TABLE register_submission_content, register_submission;
DROP FUNCTION register_submission_content_is_kept();
