"""Python environments for the suites that are written in Python: made once, kept below the target folder."""

import os
import subprocess
import venv
from pathlib import Path

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path(__file__).parents[1] / "target")).absolute()
# What a runner ends with where packages cannot be installed.
NO_ENVIRONMENT = 77


def interpreter(name: str, requirements: Path, *exactly: str) -> Path:
    """An interpreter that has the requirements, and before them these packages without what they ask for.

    Raises `CalledProcessError` or `OSError` where that cannot be had, which takes a package registry.
    """
    folder = TARGET / name
    python, done = folder / "bin" / "python", folder / "done"
    wanted = requirements.read_text(encoding="utf-8")
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    venv.create(folder, clear=True, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if exactly:
        subprocess.run([*install, "--no-deps", *exactly], check=True)
    subprocess.run([*install, "-r", str(requirements)], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python
