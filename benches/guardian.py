"""Whether the supply's output goes off within a second when the harness is killed, and how fast (PSU-09).

    guardian.py [N] [PROGRAM]

Runs PROGRAM, the fixture of hil-cli's tests, N times on an imitated supply, and kills it at a random moment between
its start and well into its test: in turn the process alone and its whole process group. The imitation says when its
output was switched. Ends with 1 if the output was still on a second after any kill, or went on again later.

Run through `just bench-guardian`.
"""

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
# Nobody keeps the runs of a benchmark.
os.environ["HIL_STORE"] = "none"
FIXTURE = os.path.join(TARGET, "release", "examples", "fixture")
IMITATION = "crates/hil-psu/tests/fixtures/owon.py"
LIMIT = 1.0
AFTERMATH = 0.5                 # how long the output is watched beyond the limit
LATEST = 5.0                    # the output goes on about a second after the start, the test begins at about four


def switched(path):
    """When the output was switched, and to what."""
    with open(path, encoding="ascii") as file:
        return [(float(at), state) for at, state in (line.split() for line in file)]


def trial(program, number, moment):
    """Kills a run at `moment`. Whether its output was on then, and when it was off for good, from the kill on."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "switched")
        command = [sys.executable, IMITATION, "--switched", log]
        imitation = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            port = imitation.stdout.readline().strip()
            settings = [f"power_supply.port={port}", f"bench.name=bench_guardian_{number}", "run.requirements="]
            arguments = [part for setting in settings for part in ("--set", setting)]
            arguments += ["waits_long", "--reports", os.path.join(folder, "reports")]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            environment = os.environ | {"TMPDIR": folder}
            harness = subprocess.Popen([program, *arguments], env=environment, process_group=0, **quiet)
            time.sleep(moment)
            if harness.poll() is not None:
                sys.exit(f"the run ended by itself with {harness.returncode}")
            killed = time.monotonic()
            (os.kill if number % 2 else os.killpg)(harness.pid, signal.SIGKILL)
            harness.wait()
            time.sleep(max(0.0, killed + LIMIT + AFTERMATH - time.monotonic()))
            history = switched(log)
        finally:
            imitation.kill()
            imitation.wait()
    was_on = any(state == "on" for at, state in history if at <= killed) and history[-1][0] > killed
    if history and history[-1][1] == "on":
        return was_on, None
    return was_on, max((at - killed for at, _ in history), default=0.0)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    program = sys.argv[2] if len(sys.argv) > 2 else FIXTURE
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    took, failed = [], 0
    for number in range(count):
        moment = chance.uniform(0.0, LATEST)
        was_on, off = trial(program, number, moment)
        if off is None or off > LIMIT:
            failed += 1
            how = "killed" if number % 2 else "killed with its group"
            print(f"run {number}, {how} after {moment:.3f} s: " + ("STILL ON" if off is None else f"{off:.3f} s"))
        elif was_on:
            took.append(off * 1000)
    print(f"{count - failed} of {count} off within {LIMIT:.0f} s; seed {seed}")
    if took:
        print(f"{len(took)} of them were on: median {statistics.median(took):.1f} ms, max {max(took):.1f} ms")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
