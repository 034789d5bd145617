"""How fast LIN description files are read and frames are encoded and decoded, beside the Python package ldfparser.

Run through `just bench`. Each figure is the median of several runs after a warm-up, and both are measured in the same
run; compare ratios, machines are noisy. ldfparser is taken as Python has it, else from an environment in the target
folder, which is made if pip can. The public files are in `../shared/ldf`, which a plain checkout does not have.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

PEER = "ldfparser==0.26.0"
FRAMES = [("LSM_Frm2", 2), ("GWI_01", 4), ("HVH_Ls_01", 43)]
TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
SPEED = os.path.join(TARGET, "release", "examples", "speed")
OWN = os.path.join("vendor", "alm.ldf")
CORPUS = os.path.join("..", "shared", "ldf", "corpus")


def speed(*arguments):
    """What the measuring program says."""
    return json.loads(subprocess.run([SPEED, *arguments], capture_output=True, check=True, text=True).stdout)


def stand_in(count, folder):
    """A file with a frame of so many signals, every other one with texts, for a frame that no file at hand has."""
    name = f"Stand_In_{count}"
    wide = 64 - count
    signals, places, texts, numbers, offset = [], [], [], [], 0
    for number in range(count):
        width = 1 + (number * wide // count != (number + 1) * wide // count)
        signals.append(f"  {name}_{number}: {width}, 0, S, M;\n")
        places.append(f"    {name}_{number}, {offset};\n")
        (texts if number % 2 else numbers).append(f"{name}_{number}")
        offset += width
    path = os.path.join(folder, f"{name}.ldf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            'LIN_description_file;\nLIN_protocol_version = "2.1";\nLIN_language_version = "2.1";\n'
            "LIN_speed = 19.2 kbps;\n"
            "Nodes {\n  Master: M, 5 ms, 0.1 ms;\n  Slaves: S;\n}\n"
            f"Signals {{\n{''.join(signals)}}}\nFrames {{\n  {name}: 0x10, S, 8 {{\n{''.join(places)}  }}\n}}\n"
            'Node_attributes {\n  S {\n    LIN_protocol = "2.1";\n    configured_NAD = 1;\n'
            f"    product_id = 1, 2, 3;\n    response_error = {name}_0;\n  }}\n}}\n"
            "Schedule_tables {\n  T {\n"
            f"    {name} delay 10 ms;\n  }}\n}}\n"
            'Signal_encoding_types {\n  Texts {\n    logical_value, 0, "off";\n    logical_value, 1, "on";\n'
            '    logical_value, 2, "fault";\n    logical_value, 3, "unknown";\n  }\n'
            '  Numbers {\n    physical_value, 0, 3, 0.5, 10, "V";\n  }\n}\n'
            f"Signal_representation {{\n  Texts: {', '.join(texts)};\n  Numbers: {', '.join(numbers)};\n}}\n"
        )
    return path, name


def python_with_peer():
    """A Python that has ldfparser, or none."""

    def has_it(python):
        probe = [python, "-c", "import ldfparser"]
        return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0

    if has_it(sys.executable):
        return sys.executable
    folder = os.path.join(TARGET, PEER.replace("==", "-"))
    python = os.path.join(folder, "Scripts" if os.name == "nt" else "bin", "python")
    if not os.path.exists(python) or not has_it(python):
        make = [[sys.executable, "-m", "venv", folder], [python, "-m", "pip", "install", "--quiet", PEER]]
        for command in make:
            if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
                return None
    return python


class Peer:
    """ldfparser in a process of its own, which is asked line by line."""

    def __init__(self, python):
        command = [python, os.path.join(os.path.dirname(os.path.abspath(__file__)), "ldf_peer.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("ldfparser has died")
        return json.loads(answer)


def reading(files, peer, aims):
    """Prints how fast files are read; returns the files that ldfparser accepts, or else hil."""
    ours = speed("parse", *files)
    accepted = sorted(ours["files"], key=lambda file: file["bytes"])
    largest, whole = accepted[-1], ours["all_bytes"] / ours["all_ns"] * 1e3
    rate = largest["bytes"] / largest["parse_ns"] * 1e3
    print(f"reading, from bytes to the database and back to nothing: {len(accepted)} of {len(files)} files parse")
    print(f"  largest file: {rate:.1f} MB/s ({largest['bytes']} bytes, {os.path.basename(largest['file'])})")
    print(f"  all files:    {whole:.1f} MB/s ({ours['all_bytes']} bytes)")
    aims += [(f"{rate:.0f} MB/s for the largest file", 200, rate), (f"{whole:.0f} MB/s for all files", 200, whole)]
    if not peer:
        return [file["file"] for file in accepted]
    for file in accepted:
        file["peer_ns"] = peer.ask(parse=file["file"])
    both = [file for file in accepted if file["peer_ns"]]
    typical, largest = both[(len(both) - 1) // 2], both[-1]
    everything = {key: sum(file[key] for file in both) for key in ["bytes", "load_ns", "peer_ns"]}
    print(f"\nfrom file to database, {len(both)} files that both accept")
    print(f"{'':14} {'bytes':>8} {'hil µs':>10} {'ldfparser µs':>13} {'ratio':>8}")
    rows = [("typical file", typical), ("largest file", largest), ("all files", everything)]
    for name, file in rows if len(both) > 1 else [("the file", largest)]:
        ours_us, theirs_us, ratio = file["load_ns"] / 1e3, file["peer_ns"] / 1e3, file["peer_ns"] / file["load_ns"]
        print(f"{name:14} {file['bytes']:>8} {ours_us:>10.1f} {theirs_us:>13.0f} {ratio:>7.0f}×")
    ratio = typical["peer_ns"] / typical["load_ns"]
    name = "typical" if len(both) > 1 else "only"
    aims.append((f"{ratio:.0f} times as fast as ldfparser on the {name} file", 500, ratio))
    return [file["file"] for file in both]


def frames(files, peer, aims, folder):
    """Prints how fast frames are encoded and decoded."""
    print(f"\n{'frame (signals)':22} {'call':11} {'ns':>8} {'hil /s':>12} {'ldfparser /s':>13} {'ratio':>8}")
    for frame, count in FRAMES:
        measured = speed("codec", frame, str(count), *files)
        if measured is None:
            path, frame = stand_in(count, folder)
            measured = speed("codec", frame, str(count), path)
        theirs = peer.ask(codec=measured) if peer else None
        ours = {name: measured[f"{name}_ns"] for name in ["encode_raw", "encode", "decode_raw", "decode"]}
        for name, nanoseconds in ours.items():
            line = f"{f'{frame} ({count})':22} {name:11} {nanoseconds:>8.1f} {1e9 / nanoseconds:>12.0f}"
            if theirs:
                line += f" {1e9 / theirs[name]:>13.0f} {theirs[name] / nanoseconds:>7.0f}×"
            print(line)
        aim = {2: 20, 43: 3}.get(count)
        if aim:
            for name, nanoseconds in ours.items():
                rate = 1e3 / nanoseconds
                aims.append((f"{rate:.2f} M frames/s, {name} of {frame} with {count} signals", aim, rate))
        if peer and not theirs:
            print(f"  ldfparser has other bytes or values for {frame}")
        if frame.startswith("Stand_In"):
            print("  a stand-in made for the benchmark; no file at hand has the frame that is asked for")


def main():
    files = sorted(glob.glob(os.path.join(CORPUS, "*.ldf")))
    if not files:
        files = [OWN]
        print(f"{CORPUS} is not there: {OWN} alone is read. Not measured: a typical and a large file, and the")
        print("frames of public files; stand-ins with as many signals are measured instead.\n")
    python = python_with_peer()
    if not python:
        print("ldfparser is not there, nor can pip get it: hil alone is measured\n")
    peer = Peer(python) if python else None
    aims = []
    with tempfile.TemporaryDirectory() as folder:
        files = reading(files, peer, aims)
        frames(files, peer, aims, folder)
    print("\naims")
    for text, aim, value in aims:
        print(f"  {'met   ' if value >= aim else 'MISSED'}  at least {aim}: {text}")
    if not peer:
        print("  unknown at least 500: times as fast as ldfparser on the typical file")


if __name__ == "__main__":
    main()
