"""A process with a channel on each of the devices given, a thread each, that receives one fax after another.

Talks JSON on standard output: at each page and at the end of each fax, with the processor time spent so far
and the memory held.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import faxhw
from faxhw.clock import SYSTEM_CLOCK


def memory() -> float:
    """Megabytes resident now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


_lock = threading.Lock()


def tell(**what: Any) -> None:
    """Tell something, and what the process has used so far. From any thread."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = {"at": time.monotonic(), "cpu": usage.ru_utime + usage.ru_stime, "memory": memory()}
    with _lock:
        sys.stdout.write(json.dumps(what | used) + "\n")
        sys.stdout.flush()


def main(devices: list[str], calls: int) -> None:
    def receive(device: str, folder: str) -> None:
        with faxhw.open_channel(device) as channel:
            for number in range(calls):
                if channel.wait_for_call(120) != "CALL_INCOMING" or channel.answer() != "ANSWERED":
                    tell(cause=f"no call: {channel.cause()}", pages=0)
                    return
                receiver = channel.FaxReceiver
                receiver.start(filename=Path(folder) / f"{Path(device).name}-{number}.tif")
                while not receiver.Details.last_page:
                    tell(page=receiver.wait_for_next_page())
                cause = receiver.wait_until_finished()
                channel.hang_up()
                tell(cause=cause, pages=receiver.Details.pages)

    with tempfile.TemporaryDirectory() as folder:
        threads = [SYSTEM_CLOCK.spawn(partial(receive, each, folder), each) for each in devices]
        for thread in threads:
            thread.join()


def receiver(devices: list[str], calls: int = 1) -> subprocess.Popen[str]:
    """The process, started."""
    command = [sys.executable, "-m", "scripts.benchmarks.receiver", str(calls), *devices]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    main(sys.argv[2:], int(sys.argv[1]))
