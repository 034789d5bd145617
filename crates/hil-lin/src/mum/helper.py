"""Drives a Melexis Universal Master for hil, through the vendor's own packages.

hil starts this text as `python3 -u -c TEXT` and speaks JSON lines with it: one request, one answer.

    < {"hello": 1, "python": "3.11.7"}
    > {"id": 1, "within_ms": 30000, "do": {"load": {}}}
    < {"id": 1, "ok": {"pymumclient": "1.0", "pylin": "1.0"}}
    > {"id": 2, "within_ms": 2100, "do": {"receive": {"frame": 17, "length": 4}}}
    < {"id": 2, "ok": {"data": [1, 2, 3, 4]}}

What goes wrong is {"id": 2, "error": {...}}, with one of the keys

    missing   a package cannot be imported
    unable    the installed packages do not have what is asked for
    odd       the packages returned something that makes no sense
    raised    they raised an exception

hil judges what an exception means; this script only tells. It ends by itself when its standard input does.
"""

import errno
import faulthandler
import importlib
import json
import os
import queue
import signal
import sys
import threading

HELLO = 1
LONGEST_LINE = 64 * 1024
LONGEST_TEXT = 500
# Once hil is gone: how long a call that is under way may go on, and how long the whole way down may take.
LAST_CALL_SECONDS = 0.5
WAY_DOWN_SECONDS = 2.0
# How long after its deadline a call is cut off from within, if hil is not there to do it from outside.
WATCHDOG_SECONDS = 5.0
NETWORK_DOWN = (errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENODEV)


class Trouble(Exception):
    """What is answered instead of a result."""

    def __init__(self, kind, what):
        super().__init__(kind)
        self.answer = {kind: what}


def shortened(what):
    try:
        text = str(what)
    except Exception:  # a class of the packages may fail even at that
        text = "what cannot be shown"
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."


def raised(error):
    """Tells of an exception. That the way to the device broke is told apart from troubles of the bus."""
    network = isinstance(error, ConnectionError) or getattr(error, "errno", None) in NETWORK_DOWN
    return Trouble("raised", {"type": type(error).__name__, "text": shortened(error), "network": network})


def imported(package):
    try:
        return importlib.import_module(package)
    except BaseException as error:  # a package may do anything when it is imported
        raise Trouble("missing", {"package": package, "text": "%s: %s" % (type(error).__name__, shortened(error))})


def attribute(owner, name, what):
    found = getattr(owner, name, None)
    if found is None:
        raise Trouble("unable", "%s: there is no %s" % (what, name))
    return found


class Mum:
    """The vendor's objects, in the order in which they are made (hardware reference 2.1)."""

    def __init__(self):
        self.busy = threading.Lock()
        self.pymumclient = self.pylin = None
        self.master = self.power_out = self.lin = self.device = self.transport = None
        self.bitrate = None

    def load(self):
        self.pymumclient = imported("pymumclient")
        # Where LinBusManager and LinDevice22 live is not attested; `pymelibu`, the twin for MeLiBu, has
        # MelibuBusManager and Melibu1Device at its top (U).
        self.pylin = imported("pylin")
        return {
            name: shortened(getattr(package, "__version__", "of unknown version"))
            for name, package in (("pymumclient", self.pymumclient), ("pylin", self.pylin))
        }

    def open(self, host):
        master = attribute(self.pymumclient, "MelexisUniversalMaster", "pymumclient")()
        master.open_all(host)
        self.master = master
        return {}

    def prepare(self, lin_device, power_device, bitrate):
        bus_manager = attribute(self.pylin, "LinBusManager", "pylin")
        device = attribute(self.pylin, "LinDevice22", "pylin")
        self.power_out = self.master.get_device(power_device)
        self.lin = self.master.get_device(lin_device)
        self.lin.setup()
        self.device = device(bus_manager(self.lin))
        self.device.baudrate = self.bitrate = bitrate
        self.transport = self.device.get_device("bus/transport_layer")
        return {"wake_up": hasattr(self.lin, "send_wake_up_pulse")}

    def power(self, on):
        if on:
            self.power_out.power_up()
        else:
            self.power_out.power_down()
        return {}

    def send(self, frame, data):
        self.device.send_message(master_to_slave=True, frame_id=frame, data_length=len(data), data=data)
        return {}

    def send_classic(self, data):
        """Sends a master request: send_message would append an enhanced checksum."""
        self.transport.ld_put_raw(data, self.bitrate)
        return {}

    def receive(self, frame, length):
        got = self.device.send_message(master_to_slave=False, frame_id=frame, data_length=length)
        if got is None:
            return {"data": None}
        try:
            data = [int(byte) for byte in got]
            if isinstance(got, (str, dict)) or any(byte not in range(256) for byte in data):
                raise ValueError
        except (TypeError, ValueError):
            raise Trouble("odd", "%s: %s" % (type(got).__name__, shortened(got)))
        return {"data": data[:64]}

    def wake(self):
        # Attested for the client of the MCM, which has the same object model (U).
        attribute(self.lin, "send_wake_up_pulse", "the LIN device")()
        return {}

    def close(self):
        """The way down. Each step is tried, whatever became of the one before."""
        troubles = []
        for owner, name in (("power_out", "power_down"), ("lin", "teardown"), ("master", "close_all")):
            try:
                step = getattr(getattr(self, owner), name, None)
                if step is not None:
                    step()
            except BaseException as error:
                troubles.append("%s: %s: %s" % (name, type(error).__name__, shortened(error)))
            # Not before: whoever comes meanwhile would think that it has been done.
            setattr(self, owner, None)
        return {"troubles": troubles}


REQUESTS = {
    call.__name__: call
    for call in (
        Mum.load, Mum.open, Mum.prepare, Mum.power, Mum.send,
        Mum.send_classic, Mum.receive, Mum.wake, Mum.close,
    )
}  # fmt: skip


def answer(mum, request):
    """Does what is asked for, watched: a call that holds the interpreter's lock cannot be ended otherwise."""
    faulthandler.dump_traceback_later(request["within_ms"] / 1000 + WATCHDOG_SECONDS, exit=True)
    try:
        ((name, arguments),) = request["do"].items()
        with mum.busy:
            return {"id": request["id"], "ok": REQUESTS[name](mum, **arguments)}
    except Trouble as trouble:
        return {"id": request["id"], "error": trouble.answer}
    except BaseException as error:  # including a sys.exit() in one of the packages
        return {"id": request["id"], "error": raised(error).answer}
    finally:
        faulthandler.cancel_dump_traceback_later()


def leave(mum):
    """Ends this process and all that the packages started, with the unit off if that is to be had in time."""

    def way_down():
        mum.busy.acquire(timeout=LAST_CALL_SECONDS)
        mum.close()

    last = threading.Thread(target=way_down, daemon=True)
    last.start()
    last.join(WAY_DOWN_SECONDS)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def listen(descriptor, mum, requests):
    """Reads requests, so that the end of hil is noticed while a call is under way."""
    try:
        with os.fdopen(descriptor, "rb") as lines:
            while True:
                line = lines.readline(LONGEST_LINE)
                if not line.endswith(b"\n"):
                    break
                requests.put(json.loads(line))
    finally:
        leave(mum)


def main():
    # What the packages print must not mix with the answers, and what they read not take the requests.
    requests_in, answers_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def say(message):
        line = memoryview(json.dumps(message).encode("ascii") + b"\n")
        while line:
            line = line[os.write(answers_out, line):]

    mum, requests = Mum(), queue.Queue()
    say({"hello": HELLO, "python": "%d.%d.%d" % sys.version_info[:3]})
    threading.Thread(target=listen, args=(requests_in, mum, requests), daemon=True).start()
    while True:
        message = answer(mum, requests.get())
        try:
            say(message)
        except OSError:  # hil is gone: the listener notices, and ends this process in its way
            threading.Event().wait()


main()
