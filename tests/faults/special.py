"""Faults that need a proxy of their own: a full disk, thousands of idle connections, a clock that jumps."""

import asyncio
import contextlib
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

from clients import Target
from live import PATIENCE, Proxy, Recording, expect
from load import read

# How much of the log a full disk takes here.
ROOM = 300_000
IDLE = 10_000
# Numbers that no other load uses.
FIRST = 1_000_000_000
FAKETIME = [
    pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"),
    pathlib.Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"),
]


@contextlib.contextmanager
def started_with(prepare: Callable[[], None], environment: dict[str, str]) -> Iterator[None]:
    """Processes that are started here begin with a call of `prepare`, and with more in their environment."""
    usual = subprocess.Popen

    def popen(command: list[str], **rest: Any) -> Any:
        return usual(command, preexec_fn=prepare, env={**os.environ, **environment}, **rest)

    subprocess.Popen = popen  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        subprocess.Popen = usual  # type: ignore[misc]


async def ask(target: Target, number: int) -> int:
    """A request that must pass, if anything may; its status, or 0 if there is no answer."""
    body = b'{"number":"n-%d","note":"high water"}' % number
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", target.proxy)
            writer.write(target.call(body))
            status, _, _ = await read(reader)
            writer.close()
            return status
    except (OSError, EOFError, TimeoutError):
        return 0


def no_room() -> None:
    """Files end at a size, and writing beyond it is an error, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


async def full_disk(faults: Any, folder: pathlib.Path) -> None:
    """Once the log cannot be written nothing passes, unless that was asked for; what did pass is in it."""
    for on_error, then in (("block", 403), ("pass", 200)):
        recording = Recording(faults.coldcase, folder / on_error, "full")
        before = faults.reached()
        with started_with(no_room, {}):
            proxy = Proxy(faults.coldcase, [*faults.args(), *recording.args(), "--on-log-error", on_error])
        faults.target.proxy = proxy.port
        told = [await ask(faults.target, FIRST + number) for number in range(1000)]
        expect(set(told) <= {200, then} and told[0] == 200 and told[-1] == then, f"{on_error}: {told}")
        passed = told.index(then) if then == 403 else 1000
        expect(set(told[passed:]) <= {then}, f"something passed after the log had ended: {told}")
        proxy.process.terminate()
        proxy.process.wait(PATIENCE)
        expect(
            any("cannot write" in line or "too large" in line.lower() for line in proxy.said),
            f"nothing was said: {proxy.said[-5:]}",
        )
        if on_error == "pass":
            continue
        lost = faults.reached() - before - recording.asked()
        expect(not lost, f"passed and not recorded: {sorted(lost)[:5]}")
        print(f"   {passed} requests passed before the disk was full, and none after", flush=True)


async def idle_connections(faults: Any, folder: pathlib.Path) -> None:
    """Thousands of connections on which nothing is said; others are served all the same."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = IDLE if most == resource.RLIM_INFINITY else min(IDLE, most // 2)
    recording = Recording(faults.coldcase, folder, "idle")
    args = [*faults.args(), *recording.args(), "--max-connections", str(count + 1000), "--header-seconds", "30"]
    proxy = Proxy(faults.coldcase, [arg for arg in without(args, "--max-connections", "--header-seconds")])
    faults.target.proxy = proxy.port
    sockets = []
    try:
        for number in range(count):
            sockets.append(socket.create_connection(("127.0.0.1", proxy.port), PATIENCE))
            if number % 200 == 0:
                await asyncio.sleep(0)
        start = time.monotonic()
        told = [await ask(faults.target, number) for number in range(200)]
        took = time.monotonic() - start
        expect(set(told) == {200}, f"with {count} idle connections: {set(told)}")
        status = pathlib.Path(f"/proc/{proxy.process.pid}/status").read_text()
        memory = int(status.split("VmRSS:")[1].split()[0]) // 1024
        print(f"   {count} idle connections: 200 requests in {took:.1f} s, {memory} MiB held", flush=True)
    finally:
        for own in sockets:
            own.close()
    proxy.end()
    recording.check()


def without(args: list[str], *names: str) -> Iterator[str]:
    """Arguments of which the last of these names holds, since each may be given once."""
    last = {name: len(args) - 1 - args[::-1].index(name) for name in names}
    skipped = {at + step for name in names for at in range(len(args)) if args[at] == name and at != last[name] for step in (0, 1)}
    return (arg for at, arg in enumerate(args) if at not in skipped)


async def jumping_clock(faults: Any, folder: pathlib.Path) -> None:
    """The clock of the day goes forth by years and back again; the log goes on, and verifies."""
    library = next((path for path in FAKETIME if path.exists()), None)
    if library is None:
        print("   left out: libfaketime is not here", flush=True)
        return
    recording = Recording(faults.coldcase, folder, "clock")
    clock = folder / "clock"
    clock.write_text("+0\n")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with started_with(lambda: None, environment):
        proxy = Proxy(faults.coldcase, [*faults.args(), *recording.args()])
    faults.target.proxy = proxy.port
    number = 0
    for jump in ("+0", "+3650d", "-3650d", "+1h", "-1s", "+0"):
        clock.write_text(f"{jump}\n")
        for _ in range(10):
            number += 1
            status = await ask(faults.target, number)
            expect(status == 200, f"after a jump of {jump}: {status}, {proxy.said[-3:]}")
    proxy.end()
    decided = recording.check()
    years = {entry["ts"][:4] for entry in recording.entries()}
    expect(len(years) > 1, f"the clock did not jump: {years}")
    print(f"   {len(decided)} events over {len(years)} years, the log verifies", flush=True)
