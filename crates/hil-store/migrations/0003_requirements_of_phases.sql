-- A JSON list of ids, or nothing.
ALTER TABLE phases ADD COLUMN requirements TEXT;
