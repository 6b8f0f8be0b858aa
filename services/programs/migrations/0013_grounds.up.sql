-- What a version of a programme was begun for.

ALTER TABLE programme_version ADD COLUMN grounds jsonb NOT NULL DEFAULT '[]';
ALTER TABLE programme_version ALTER COLUMN grounds DROP DEFAULT;
