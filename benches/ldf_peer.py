"""The side of ldfparser in the benchmark of LIN description files: one question a line in, one answer a line out,
both JSON. Started by `ldf.py` with a Python that has ldfparser.
"""

import json
import statistics
import sys
import time

import ldfparser

RUNS = 5


def nanoseconds(call, count):
    """The median time of one call, after a warm-up."""
    call()
    runs = []
    for _ in range(RUNS):
        started = time.perf_counter_ns()
        for _ in range(count):
            call()
        runs.append((time.perf_counter_ns() - started) / count)
    return statistics.median(runs)


def parse(file):
    """Time to read a file, or null for one that ldfparser does not accept."""
    try:
        ldfparser.parse_ldf(file)
    except Exception:  # It has no base class for what it raises.
        return None
    return nanoseconds(lambda: ldfparser.parse_ldf(file), 1)


def codec(measured):
    """Times for the frame and the values that hil was measured with, or null where ldfparser has other bytes."""
    frame = ldfparser.parse_ldf(measured["file"]).get_frame(measured["frame"])
    raw, values, payload = measured["raw"], measured["values"], bytearray(measured["payload"])
    if frame.encode_raw(raw) != payload or frame.encode(values) != payload or frame.decode_raw(payload) != raw:
        return None
    count = 20_000 // len(raw)
    return {
        "encode_raw": nanoseconds(lambda: frame.encode_raw(raw), count),
        "encode": nanoseconds(lambda: frame.encode(values), count),
        "decode_raw": nanoseconds(lambda: frame.decode_raw(payload), count),
        "decode": nanoseconds(lambda: frame.decode(payload), count),
    }


def main():
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(parse(question["parse"]) if "parse" in question else codec(question["codec"])), flush=True)


if __name__ == "__main__":
    main()
