DROP TABLE feed_guard;
DROP TABLE feed_cursor;
DROP TABLE journal_epoch;
DROP TABLE journal_seal;
DROP TABLE journal;
DROP FUNCTION journal_hold();
DROP FUNCTION journal_is_append_only();
DROP FUNCTION scope_allows(text, text, text, text);
