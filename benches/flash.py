"""How close flashing comes to what the bus itself needs (FLS-01): 32 KiB over the simulated bus, in bench time.

The bound is computed from the image alone, with no part of hil: the messages of hardware reference 9, cut into frames
as hardware reference 1.6 says, each frame at its nominal length of 34 + 10 * 9 bit times. Beside that, the unit takes
its time to erase, the harness waits for it to boot, and the supply is sampled, which holds up the bus in simulated time
alone, where one thing happens after the other. The journal says how long each of them took.

Run through `just bench-flash`. Ends with 1 if the flash step takes more than 5 % longer than the bound, all in all.
"""

import json
import os
import subprocess
import sys
import tempfile

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
# Nobody keeps the runs of a benchmark.
os.environ["HIL_STORE"] = "none"
PROGRAM = os.path.join(TARGET, "release", "hil")
KEY = "crates/hil-cli/tests/fixtures/xor_key.sh"
START, LENGTH = 0x5800, 0x8000
BLOCK = 0x402                   # what the simulated unit takes in one TransferData, service id and counter included
BITRATE = 19_200
FRAME = (34 + 10 * 9) / BITRATE
LIMIT = 1.05


def image():
    """Intel HEX of the whole memory."""
    def record(kind, address, data):
        body = bytes([len(data), address >> 8, address & 0xFF, kind]) + data
        return ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper() + "\n"

    data = bytes((at * 7 + at // 256) & 0xFF for at in range(LENGTH))
    rows = (record(0, START + at, data[at : at + 32]) for at in range(0, LENGTH, 32))
    return "".join(rows) + record(1, 0, b"")


def frames(length):
    """How many frames a message takes: one for up to 6 bytes, else 5 in the first and 6 in each other."""
    return 1 if length <= 6 else 1 + -(-(length - 5) // 6)


def messages():
    """The length of each request and answer."""
    yield from (2, 6)                                   # 10 02, with P2 and P2* in the answer
    yield from (2, 6, 6, 2)                             # 27 01 and 27 02, four bytes each
    yield from (12, 3, 4)                               # 31 01 FF00 {address, length}, pending, done
    yield from (11, 4)                                  # 34 00 44 {address, length}
    for at in range(0, LENGTH, BLOCK - 2):
        yield from (2 + min(BLOCK - 2, LENGTH - at), 2)  # 36 {counter, data}
    yield from (1, 1)                                   # 37
    yield from (8, 5)                                   # 31 01 0202 {CRC-32}
    yield from (2, 2)                                   # 11 01
    yield from (3, 6)                                   # 22 F195, with three bytes


def journal(reports):
    with open(os.path.join(reports, "events.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def moments(entries, kind, key, value):
    """When the events of a kind were that have this value under the key, in seconds of the bench's clock."""
    events = ((entry["t_us"] / 1e6, entry["event"]) for entry in entries)
    return [at for at, event in events if isinstance(event, dict) and event.get(kind, {}).get(key) == value]


def sampling(entries):
    """The time between frames in which the supply was sampled, beyond that of the frame behind it."""
    lost, last, sampled = 0.0, None, False
    for entry in entries:
        if "supply" in entry["event"]:
            sampled = True
        elif "frame" in entry["event"]:
            at = entry["t_us"] / 1e6
            # A frame is in the journal when it is over; longer gaps are waits for the unit.
            if sampled and last is not None and at - last < 10 * FRAME:
                lost += at - last - FRAME
            last, sampled = at, False
    return lost


def main():
    with tempfile.TemporaryDirectory() as folder:
        path, reports = os.path.join(folder, "image.hex"), os.path.join(folder, "reports")
        with open(path, "w", encoding="ascii") as file:
            file.write(image())
        settings = [
            "flash.enabled=true", f"flash.hex_path={path}", "flash.security_level=1", f"flash.key_command=[sh, {KEY}]"
        ]
        command = [PROGRAM, "smoke::the_module_answers", "--exact", "--reports", reports]
        command += [part for setting in settings for part in ("--set", setting)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
        entries = journal(reports)

    [began] = moments(entries, "session_step_started", "step", "flash")
    [ended] = moments(entries, "session_step_finished", "step", "flash")
    erasing = moments(entries, "progressed", "what", "erasing")
    [reset] = moments(entries, "progressed", "what", "resetting the unit")
    [booted] = moments(entries, "progressed", "what", "reading back the version")
    needed = sum(frames(length) for length in messages())
    flashing = [entry for entry in entries if began * 1e6 <= entry["t_us"] <= ended * 1e6]
    seen = [entry["event"]["frame"] for entry in flashing if "frame" in entry["event"]]
    carried = sum(1 for frame in seen if frame["data"])
    bound, took = needed * FRAME, ended - began
    print(f"frames that the messages need   {needed:>9}")
    print(f"frames on the bus               {carried:>9}, and {len(seen) - carried} headers that nobody answered")
    print(f"time that the bus needs         {bound:>9.3f} s")
    print(f"time of the flash step          {took:>9.3f} s")
    print(f"  of it erasing                 {erasing[-1] - erasing[0]:>9.3f} s")
    print(f"  of it reset and boot          {booted - reset:>9.3f} s")
    print(f"  of it sampling the supply     {sampling(flashing):>9.3f} s")
    print(f"ratio                           {took / bound:>9.4f}")
    print(f"aim: at most {LIMIT}")
    if took > LIMIT * bound:
        sys.exit(1)


if __name__ == "__main__":
    main()
