"""Empty stores for a server: a SQLite file, or a schema of its own on a PostgreSQL server.

PostgreSQL is looked for at `HIL_TEST_POSTGRES`, as the tests of hil-store do, through its own `psql`.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POSTGRES = os.environ.get("HIL_TEST_POSTGRES", "postgres://postgres@127.0.0.1/test")
KINDS = ["sqlite", "postgres"]


def psql(sql: str) -> str:
    """What PostgreSQL answers to a statement, its error if it refuses."""
    done = subprocess.run(
        ["psql", "--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", POSTGRES, "-c", sql],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.strip()


def unavailable(kind: str) -> str | None:
    """Why there is no store of this kind here."""
    if kind == "sqlite":
        return None
    try:
        psql("SELECT 1")
    except (OSError, RuntimeError) as error:
        return f"no PostgreSQL at {POSTGRES}: {error}"
    return None


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL or path of a store that nobody has used."""
    if kind == "sqlite":
        yield str(folder / "runs.sqlite")
        return
    schema = f"hil_clients_{secrets.token_hex(8)}"
    psql(f"CREATE SCHEMA {schema}")
    try:
        yield f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}options=-csearch_path%3D{schema}"
    finally:
        psql(f"DROP SCHEMA {schema} CASCADE")
