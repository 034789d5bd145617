"""`hil serve` as a process: started on a store, given keys, watched, ended and killed."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wire import Answer, Api

HIL = os.environ.get("HIL_BINARY", str(Path(__file__).parents[2] / "target" / "debug" / "hil"))
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Key:
    """A key, and what the command said of it beside."""

    text: str
    said: str

    @property
    def ids(self) -> list[str]:
        return UUID.findall(self.said)


class Server:
    """A server on a store. Started again, it has the same store and another port."""

    def __init__(self, store: str, folder: Path, *options: str, wrapper: Sequence[str] = ()):
        self.store, self.folder, self.options, self.wrapper = store, folder, options, wrapper
        self.files = folder / "files"
        self.log_path = folder / "server.log"
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def _place(self) -> list[str]:
        return ["--store", self.store, "--files", str(self.files)]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIL_")}
        return kept | {"XDG_DATA_HOME": str(self.folder), "NO_PROXY": "*"}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of `hil` on the server's store."""
        return subprocess.run(
            [HIL, *arguments, *self._place()],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=self.folder,
            env=self._environment(),
        )

    def key(self, *arguments: str) -> Key:
        """Makes a key: `--user EMAIL` or `--station NAME`."""
        done = self.command("key", "create", *arguments)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") == 1, "the key stands alone on standard output"
        return Key(done.stdout.strip(), done.stderr)

    def start(self) -> "Server":
        log = self.log_path.open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.wrapper, HIL, "serve", "--listen", "127.0.0.1:0", *self._place(), *self.options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=self.folder,
            env=self._environment(),
        )
        log.close()
        assert self.process.stdout is not None
        watch = threading.Timer(60, self.process.kill)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, f"{line!r} instead of an address; the log:\n{self.log()}"
        self.url = found[1]
        return self

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def stop(self) -> int:
        """Asks the server to end, and waits for it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self._gone()

    def kill(self) -> None:
        """Ends it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self._gone()

    def _gone(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.process.kill()
        self.process.stdout.close()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def memory(self, line: str = "VmRSS") -> int:
        """Bytes of memory that the process occupies, or did at its peak (`VmHWM`)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split(f"{line}:")[1].split()[0]) * 1024

    def api(self, key: str | None) -> Api:
        return Api(self.address, key)

    def health(self) -> Answer:
        return self.api(None).get("/healthz")
