-- Times are milliseconds since the Unix epoch, UTC. A column that ends in _key holds the text of the column beside
-- it in lower case: what is compared. Runs keep what they need to know of their unit, so that a list of runs reads
-- one table, and a run stays what it was when its unit changes or goes.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT,
    image TEXT,
    role TEXT NOT NULL,
    banned BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE stations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Empty once the station is archived, so that its name can be used again.
    name_key TEXT UNIQUE,
    image_id TEXT,
    team_id TEXT,
    seen_at BIGINT,
    created_at BIGINT NOT NULL
);

-- A key itself is never stored, only its SHA-256.
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    station_id TEXT REFERENCES stations (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('procedure', 0);

CREATE TABLE procedures (
    id TEXT PRIMARY KEY,
    identifier TEXT NOT NULL,
    identifier_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);

CREATE TABLE station_procedures (
    station_id TEXT NOT NULL REFERENCES stations (id) ON DELETE CASCADE,
    procedure_id TEXT NOT NULL REFERENCES procedures (id) ON DELETE CASCADE,
    PRIMARY KEY (station_id, procedure_id)
) CLUSTERED;

CREATE TABLE versions (
    id TEXT PRIMARY KEY,
    procedure_id TEXT NOT NULL REFERENCES procedures (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    tag_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT,
    UNIQUE (procedure_id, tag_key)
);

CREATE TABLE parts (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);

CREATE TABLE revisions (
    id TEXT PRIMARY KEY,
    part_id TEXT NOT NULL REFERENCES parts (id) ON DELETE CASCADE,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    is_default BIGINT NOT NULL,
    image_id TEXT,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT,
    UNIQUE (part_id, number_key)
);

CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);

CREATE TABLE units (
    id TEXT PRIMARY KEY,
    serial TEXT NOT NULL,
    serial_key TEXT NOT NULL UNIQUE,
    revision_id TEXT NOT NULL REFERENCES revisions (id),
    batch_id TEXT REFERENCES batches (id) ON DELETE SET NULL,
    parent_id TEXT REFERENCES units (id) ON DELETE SET NULL,
    -- The id of the run that made the unit known.
    created_during TEXT,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);
CREATE INDEX units_by_revision ON units (revision_id);
CREATE INDEX units_by_batch ON units (batch_id);
CREATE INDEX units_by_parent ON units (parent_id);
CREATE INDEX units_by_run ON units (created_during);

CREATE TABLE runs (
    seq SEQUENCE,
    id TEXT NOT NULL UNIQUE,
    procedure_id TEXT NOT NULL REFERENCES procedures (id) ON DELETE CASCADE,
    version_id TEXT REFERENCES versions (id),
    unit_id TEXT NOT NULL,
    serial TEXT NOT NULL,
    serial_key TEXT NOT NULL,
    part_id TEXT NOT NULL,
    part_number TEXT NOT NULL,
    part_key TEXT NOT NULL,
    part_name TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    revision TEXT NOT NULL,
    revision_key TEXT NOT NULL,
    batch_id TEXT,
    batch TEXT,
    batch_key TEXT,
    station TEXT,
    station_key TEXT,
    operator TEXT,
    operated_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    outcome TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    docstring TEXT,
    -- A JSON object, or nothing.
    properties TEXT,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);
CREATE INDEX runs_by_start ON runs (started_at, seq);
CREATE INDEX runs_by_serial ON runs (serial_key, started_at, seq);
-- Enough for first-pass yield without looking at the table.
CREATE INDEX runs_by_procedure ON runs (procedure_id, unit_id, started_at, seq, outcome);
CREATE INDEX runs_by_procedure_start ON runs (procedure_id, started_at, seq);
CREATE INDEX runs_by_unit ON runs (unit_id, started_at, seq, outcome);
CREATE INDEX runs_by_part ON runs (part_key, started_at);
CREATE INDEX runs_by_batch ON runs (batch_key, started_at);
CREATE INDEX runs_by_station ON runs (station_key, started_at);
CREATE INDEX runs_by_version ON runs (version_id);
CREATE INDEX runs_by_revision ON runs (revision_id);
CREATE INDEX runs_by_created_station ON runs (created_by_station);

CREATE TABLE run_requirements (
    run BIGINT NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    requirement TEXT NOT NULL,
    requirement_key TEXT NOT NULL,
    PRIMARY KEY (run, position)
) CLUSTERED;
CREATE INDEX runs_by_requirement ON run_requirements (requirement_key, run);

CREATE TABLE run_sub_units (
    run BIGINT NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    unit_id TEXT NOT NULL,
    serial TEXT NOT NULL,
    part_number TEXT NOT NULL,
    part_name TEXT NOT NULL,
    PRIMARY KEY (run, position)
) CLUSTERED;

CREATE TABLE phases (
    run BIGINT NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    retry_count BIGINT NOT NULL,
    docstring TEXT,
    PRIMARY KEY (run, position)
) CLUSTERED;

CREATE TABLE measurements (
    run BIGINT NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    phase BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    marginal BIGINT NOT NULL,
    optional BIGINT NOT NULL,
    -- unset, number, text, bool, json, series.
    kind TEXT NOT NULL,
    -- A number, if it is finite.
    number DOUBLE PRECISION,
    -- Any other value, and the numbers that the column above cannot hold.
    text TEXT,
    unit TEXT,
    -- The band that limits and decisive validators describe together, where finite.
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    docstring TEXT,
    -- JSON: limits, validators, aggregations.
    conditions TEXT,
    PRIMARY KEY (run, phase, position)
) CLUSTERED;

CREATE TABLE logs (
    run BIGINT NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    -- The phase that wrote it; -1 is the run.
    phase BIGINT NOT NULL,
    position BIGINT NOT NULL,
    level TEXT NOT NULL,
    at BIGINT NOT NULL,
    message TEXT NOT NULL,
    source_file TEXT NOT NULL,
    line_number BIGINT NOT NULL,
    PRIMARY KEY (run, phase, position)
) CLUSTERED;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    content_type TEXT,
    -- Both from the moment that the content is on the disk.
    size BIGINT,
    digest TEXT,
    finalized BIGINT NOT NULL,
    is_report BIGINT NOT NULL,
    run BIGINT REFERENCES runs (seq) ON DELETE CASCADE,
    unit_id TEXT REFERENCES units (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by_user TEXT,
    created_by_station TEXT
);
CREATE INDEX uploads_by_run ON uploads (run, position);
CREATE INDEX uploads_by_unit ON uploads (unit_id, position);
CREATE INDEX uploads_by_digest ON uploads (digest);

-- A file that became a run.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    run BIGINT NOT NULL UNIQUE REFERENCES runs (seq) ON DELETE CASCADE,
    upload_id TEXT REFERENCES uploads (id) ON DELETE SET NULL,
    importer TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
