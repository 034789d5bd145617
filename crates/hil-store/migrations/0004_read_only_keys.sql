-- Keys that may look and do nothing else.
ALTER TABLE keys ADD COLUMN read_only BIGINT NOT NULL DEFAULT 0;
