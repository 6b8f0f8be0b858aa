-- The mirror at scale: what the register withdraws by name is weighed, what left is told apart, and every question is
-- answered by an index.
-- Runs as programs_owner with search_path = programs.

ALTER TABLE register_sync
  ADD COLUMN shrink_sha256 text    NOT NULL DEFAULT '',
  ADD COLUMN ask_again     boolean NOT NULL DEFAULT false;

ALTER TABLE register_change
  ADD COLUMN withdrawal       text NOT NULL DEFAULT 'UNSPECIFIED',
  ADD COLUMN former_programme text NOT NULL DEFAULT '';

-- How the entry left the register: NAMED as withdrawn, or GONE without a word.
ALTER TABLE register_entry ADD COLUMN withdrawal text NOT NULL DEFAULT 'UNSPECIFIED';

-- The entry says that it is withdrawn.
ALTER TABLE register_snapshot ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

-- Keys too long for an index are their hashes (register_rules::MatchKey).
SELECT set_config('rsnms.scopes', '*', true);
UPDATE register_entry SET match_key = '#' || encode(sha256(convert_to(match_key, 'UTF8')), 'hex')
WHERE octet_length(match_key) > 1000;
UPDATE register_snapshot SET match_key = '#' || encode(sha256(convert_to(match_key, 'UTF8')), 'hex')
WHERE octet_length(match_key) > 1000;
CREATE INDEX register_snapshot_match_key ON register_snapshot (region_code, register_sync_id, match_key);

-- The organisation behind a provider, without reading all the programmes it gives.
CREATE INDEX programme_known_provider ON programme (region_code, provider_inn, provider_id)
  WHERE provider_id IS NOT NULL;
