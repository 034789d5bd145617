# The few commands worth a name. `just` lists them.

_default:
    @just --list --unsorted

# Run the hardware suite on the configured bench; arguments go to hil.
run *ARGS:
    cargo run --bin hil -- --suite hardware {{ARGS}}

# The tests of hil itself.
test:
    cargo test --workspace

# TofuPilot's Python clients and OpenHTF against `hil serve`, hostile input, kills; needs pip and a registry.
test-clients *ARGS:
    cargo build -p hil-cli --bin hil
    python3 tests/clients/run.py {{ARGS}}

# Foreign clients, unmodified, against the server; pip fetches them.
test-clients *ARGS:
    cargo build -p hil-cli --bin hil
    python3 tests/clients/run.py {{ARGS}}

# Format, and lint as CI does.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, sources and duplicates of what is built in; needs no network.
deny:
    cargo deny --offline check bans licenses sources

# The documentation of the crates, without their dependencies'.
doc:
    cargo doc --workspace --no-deps

# What CI runs.
ci:
    bash .ci/run

# All figures: what a run costs beside its tests, beside pytest; LDF files and frames, beside ldfparser; schedules;
# flashing; runs into the store.
bench: bench-overhead bench-ldf bench-schedule bench-flash bench-ingest bench-record bench-export bench-ingest

# Wall time and memory of 1, 100 and 1000 trivial tests with all reports, beside pytest.
bench-overhead:
    cargo build --release -p hil-cli --example trivial --example measure
    python3 benches/overhead.py

# How fast LDF files are read and frames encoded and decoded, beside ldfparser where pip can get it.
bench-ldf:
    cargo build --release -p hil-ldf --example speed
    python3 benches/ldf.py

# How well a schedule of 10 ms is kept on the simulated bus in real time, and what that costs.
bench-schedule:
    cargo build --release -p hil-cli --example schedule
    python3 benches/schedule.py

# How close flashing 32 KiB over the simulated bus comes to what the bus itself needs.
bench-flash:
    cargo build --release -p hil-cli --bin hil
    python3 benches/flash.py

# Runs a second that the server takes, and how fast it answers about RUNS of them, on SQLite and PostgreSQL.
bench-ingest RUNS="10000":
    cargo build --release -p hil-cli --bin hil
    python3 benches/ingest.py {{RUNS}}

# Runs per second that a server takes, on SQLite and PostgreSQL, and how fast lists and statistics answer.
bench-ingest:
    cargo build --release -p hil-cli --bin hil
    cargo build --release -p hil-store --example ingest
    python3 benches/ingest.py

# What recording adds to a test.
bench-record:
    cargo run --release -p hil-runner --example recording

# Exporting 10 000 runs of 50 measurements to Parquet and CSV.
bench-export:
    cargo run --release -p hil-exchange --example export

# Kill N runs at random moments: is the supply's output off within a second?
bench-guardian N="100":
    cargo build --release -p hil-cli --example fixture
    python3 benches/guardian.py {{N}}

# Fuzz the LDF parser, its codec and its formatter for so many seconds.
fuzz SECONDS="60":
    crates/hil-ldf/fuzz/run {{SECONDS}}

# Look at changed snapshots.
review:
    cargo insta review
