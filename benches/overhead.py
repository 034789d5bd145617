"""What a run costs beside its tests: wall time and peak memory of 1, 100 and 1000 trivial tests, all reports
included, for hil and for pytest with JUnit and HTML.

Run through `just bench`. Each figure is the median of five runs after a warm-up; compare ratios, machines are noisy.
"""

import os
import statistics
import subprocess
import sys
import tempfile

COUNTS = [1, 100, 1000]
RUNS = 5
REPORTS = ["junit.xml", "summary.md", "report.html", "requirements_coverage.json"]
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
# Nobody keeps the runs of a benchmark.
os.environ["HIL_STORE"] = "none"
HIL = os.path.join(TARGET, "release", "examples", "trivial")
MEASURE = os.path.join(TARGET, "release", "examples", "measure")


def measure(command, environment, folder):
    """The medians of wall time in ms and of peak memory in MiB."""
    walls, peaks = [], []
    for run in range(RUNS + 1):
        done = subprocess.run([MEASURE, *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{command} failed in {folder}")
        wall, peak = map(float, done.stdout.split())
        if run > 0:
            walls.append(wall)
            peaks.append(peak / 1024)
    return statistics.median(walls), statistics.median(peaks)


def hil(count, folder):
    environment = os.environ | {"HIL_TRIVIAL_TESTS": str(count)}
    reports = os.path.join(folder, f"hil-{count}")
    measured = measure([HIL, "--reports", reports], environment, folder)
    for name in REPORTS:
        if not os.path.getsize(os.path.join(reports, name)):
            sys.exit(f"{name} is empty")
    with open(os.path.join(reports, "junit.xml"), encoding="utf-8") as file:
        cases = file.read().count('<testcase name="test_')
    if cases != count:
        sys.exit(f"{cases} tests were run, not {count}")
    return measured


def pytest(count, folder):
    path = os.path.join(folder, f"test_{count}.py")
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            file.write(
                f"def test_{number:04}(record_property):\n"
                f'    """It passes."""\n'
                f"    assert 1 + 1 == 2\n"
                f'    record_property("ratio", 0.5)\n\n'
            )
    out = os.path.join(folder, f"pytest-{count}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
    command += [f"--junitxml={out}.xml", f"--html={out}.html"]
    # As on anybody's second run: the warm-up leaves the compiled tests, here outside of the installation. Without
    # them pytest rewrites every test each time, which costs half as much again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return measure(command, environment | {"PYTHONPYCACHEPREFIX": os.path.join(folder, "compiled")}, folder)


def has_pytest():
    probe = [sys.executable, "-c", "import pytest, pytest_html"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0


def main():
    peer = has_pytest()
    if not peer:
        print("pytest and pytest-html are not there: hil alone is measured")
    print(f"{'tests':>6} {'hil ms':>9} {'hil MiB':>9} {'pytest ms':>10} {'pytest MiB':>11} {'time':>9} {'memory':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            wall, peak = hil(count, folder)
            if not peer:
                print(f"{count:>6} {wall:>9.1f} {peak:>9.1f}")
                continue
            their_wall, their_peak = pytest(count, folder)
            print(
                f"{count:>6} {wall:>9.1f} {peak:>9.1f} {their_wall:>10.1f} {their_peak:>11.1f}"
                f" {their_wall / wall:>8.1f}× {peak / their_peak:>8.2f}"
            )
    print("aims: 20 times faster, a tenth (0.10) of the memory, 1000 tests under 150 ms")


if __name__ == "__main__":
    main()
