"""Runs the black-box suite of jobs and realtime against `hil serve`.

    python3 tests/realtime/run.py [ARGUMENT…]

The program is `HIL_BIN`, `HIL_BINARY`, or target/debug/hil; the arguments are for pytest. The environment is kept below
`CARGO_TARGET_DIR` (target). Ends with 77 if it cannot be made, which needs a package registry.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from environment import NO_ENVIRONMENT, interpreter  # noqa: E402


def main() -> int:
    try:
        python = interpreter("realtime", HERE / "requirements.txt")
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"no environment for the realtime suite: {error}")
        return NO_ENVIRONMENT
    command = [str(python), "-m", "pytest", str(HERE), *sys.argv[1:]]
    done = subprocess.run(command, check=False, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    status: int = done.returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
