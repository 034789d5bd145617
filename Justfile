# The few commands worth a name. `just` lists them.

_default:
    @just --list --unsorted

# Run the hardware suite on the configured bench; arguments go to hil.
run *ARGS:
    cargo run --bin hil -- --suite hardware {{ARGS}}

# The tests of hil itself.
test:
    cargo test --workspace

# Foreign clients, unmodified, against the server; pip fetches them.
test-clients *ARGS:
    cargo build -p hil-cli --bin hil
    python3 tests/clients/run.py {{ARGS}}

# Jobs and the live stream from outside; pip fetches what the suite needs.
test-realtime *ARGS:
    cargo build -p hil-cli --bin hil
    python3 tests/realtime/run.py {{ARGS}}

# The dashboard: types, its own tests, and web/dist anew, which is committed.
dashboard:
    cd web && npm ci --no-audit --no-fund && npm run check && npm test && npm run build

# The dashboard in Chromium, on a real server.
test-browser: dashboard
    cargo build -p hil-cli --bin hil
    HIL_BIN="$(realpath "${CARGO_TARGET_DIR:-target}/debug/hil")" npm --prefix web run e2e

# How much of the server's code its own tests reach; needs cargo-llvm-cov.
coverage:
    cargo llvm-cov --package hil-server --summary-only

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
# flashing; runs into the store; the live stream.
bench: bench-overhead bench-ldf bench-schedule bench-flash bench-record bench-ingest bench-export bench-realtime

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

# Runs per second that a server takes, on SQLite and PostgreSQL, and how fast lists and statistics answer.
bench-ingest RUNS="10000":
    cargo build --release -p hil-cli --bin hil
    cargo build --release -p hil-store --example ingest
    python3 benches/ingest.py {{RUNS}}

# What recording adds to a test.
bench-record:
    cargo run --release -p hil-runner --example recording

# Exporting 10 000 runs of 50 measurements to Parquet and CSV.
bench-export:
    cargo run --release -p hil-exchange --example export

# The live stream to 5, 50 and 200 clients, at 1000 messages a second and flat out, also beside one that never reads;
# what 50 watchers cost a job.
bench-realtime SECONDS="10":
    cargo build --release -p hil-cli --bin hil
    cargo build --release -p hil-server --example realtime
    python3 benches/realtime.py {{SECONDS}}

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
