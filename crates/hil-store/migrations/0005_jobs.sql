-- What was asked for over HTTP, and what became of it. A server takes up again what is in its own queues only: the
-- column server says whose they are.

CREATE TABLE jobs (
    seq SEQUENCE,
    id TEXT NOT NULL UNIQUE,
    server TEXT NOT NULL,
    bench TEXT NOT NULL,
    status TEXT NOT NULL,
    -- JSON, as the three below: nothing but the server reads it.
    request TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    result TEXT,
    view TEXT
);
CREATE INDEX jobs_by_status ON jobs (status, seq);
