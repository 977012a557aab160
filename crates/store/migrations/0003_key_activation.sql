-- A key is known to every node before it seals. Keys from before seal at once.
ALTER TABLE sealing_keys ADD COLUMN activates_at BIGINT NOT NULL DEFAULT 0;
