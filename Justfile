# The few commands worth a name. `just` lists them.

_default:
    @just --list --unsorted

# Run the hardware suite on the configured bench; arguments go to hil.
run *ARGS:
    cargo run --bin hil -- --suite hardware {{ARGS}}

# The tests of hil itself.
test:
    cargo test --workspace

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

# Wall time and memory of 1, 100 and 1000 trivial tests with all reports, beside pytest.
bench:
    cargo build --release -p hil-cli --example trivial --example measure
    python3 benches/overhead.py

# Look at changed snapshots.
review:
    cargo insta review
