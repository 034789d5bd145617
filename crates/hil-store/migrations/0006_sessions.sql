-- Sessions of browsers: each stands for a key, and ends with it. As of the key, only the SHA-256 is there.
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_key ON sessions (key_id, ends_at);
