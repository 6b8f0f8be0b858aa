-- What the register withdrew is asked about again, and what leaves it piece by piece is weighed together.
-- Runs as programs_owner with search_path = programs.

-- When the register was last asked what became of a withdrawn entry, by the beginning of the run; NULL: never.
ALTER TABLE register_entry ADD COLUMN asked_time timestamptz;

-- Earlier runs weighed themselves alone.
ALTER TABLE register_sync
  ADD COLUMN shrink_days       integer NOT NULL DEFAULT 0,
  ADD COLUMN left_before_count integer NOT NULL DEFAULT 0;

-- NULL: the service's own number.
ALTER TABLE register_policy ADD COLUMN shrink_days integer CHECK (shrink_days BETWEEN 0 AND 366);
