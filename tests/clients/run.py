"""Runs the tests of the clients against `hil serve`, with each release of the client in an environment of its own.

    python3 tests/clients/run.py [RELEASE…] [-- ARGUMENT…]

The program is `HIL_BINARY`, or target/debug/hil. The environments are kept below `CARGO_TARGET_DIR` (target). What
follows `--` is for pytest. Hostile input and crashes have nothing to do with the client and run with the first release
alone. Ends with 77 if an environment cannot be made, which needs a package registry.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from environment import NO_ENVIRONMENT, interpreter  # noqa: E402

RELEASES = ["2.2.4", "2.26.1"]
WITHOUT_CLIENT = ["test_hostile.py", "test_crash.py"]


def main() -> int:
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    releases, for_pytest = arguments[:split] or RELEASES, arguments[split + 1 :]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    status = 0
    for release in releases:
        try:
            python = interpreter(f"clients/{release}", HERE / "requirements.txt", f"tofupilot=={release}")
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"no environment for release {release} of the client: {error}")
            return NO_ENVIRONMENT
        command = [str(python), "-m", "pytest", str(HERE), *for_pytest]
        if release != releases[0]:
            command += [f"--ignore={HERE / name}" for name in WITHOUT_CLIENT]
        print(f"== release {release}", flush=True)
        status = subprocess.run(command, check=False, env=environment).returncode or status
    return status


if __name__ == "__main__":
    sys.exit(main())
