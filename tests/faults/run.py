"""Faults on every side of `coldcase proxy` under load, for as long as is asked: run.py [--binary FILE] [--minutes N].

In rounds of half a minute clients and servers misbehave (clients.py, servers.py) while others ask as they should (load.py).
Each round ends with a signal to stop or with a kill, after which the proxy goes on with the same record. Between the rounds: a
full disk, thousands of idle connections, and, where libfaketime is installed, a clock that jumps. What must hold:

- it neither crashes nor hangs: who asks as they should is answered, and so is the health check;
- what has reached a server is in the record, and what carries the token reaches none;
- the log verifies, and the messages in full are judged again to the same verdicts;
- memory stays under a bound, and files and connections are given back.

Ends with 1 where something does not hold. It leaves out HTTP/3, loss of power, and what the kernel does to packets.
"""

import argparse
import asyncio
import dataclasses
import json
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "clients"))

import special  # noqa: E402
from clients import Target  # noqa: E402
from live import PATIENCE, Coldcase, Failure, Proxy, Recording, end_all, expect  # noqa: E402
from load import Load  # noqa: E402
from watch import Watch  # noqa: E402

# In the format of a classic personal access token, checksum included; it has never been issued.
SECRET = "".join(["ghp_", "K9TnBCdqx40", "TDEMOCOLDCAS", "E7XyQ2m", "41aPv8"])
WORKERS = 8
ROUND = 30.0
SHORT = ["--header-seconds", "3", "--idle-seconds", "4", "--admin", "127.0.0.1:0", "--max-connections", "2000"]


class Faults:
    """The run: servers, the proxy as it is, what was seen."""

    def __init__(self, coldcase: Coldcase, folder: pathlib.Path) -> None:
        self.coldcase, self.folder = coldcase, folder
        self.told: dict[str, int] = {}
        self.failures: list[str] = []
        self.attacks: list[subprocess.Popen[str]] = []
        self.peak = self.last = 0
        for name in ("own", "stranger"):
            certificate(folder, name)
        coldcase.run("ca", "init", str(folder / "ca"))
        command = [sys.executable, str(HERE / "servers.py"), str(folder), SECRET]
        self.origin = subprocess.Popen(command, stdout=subprocess.PIPE)
        ports = json.loads(self.origin.stdout.readline())  # type: ignore[union-attr]
        with socket.create_server(("127.0.0.1", 0)) as dead:
            nobody = dead.getsockname()[1]
        self.target = Target(proxy=0, dead=nobody, ca=str(folder / "ca" / "ca.pem"), **ports)

    def args(self) -> list[str]:
        return ["--intercept", "--ca", str(self.folder / "ca"), "--trust", str(self.folder / "own.pem"), *SHORT]

    def start(self, recording: Recording) -> Proxy:
        proxy = Proxy(self.coldcase, [*self.args(), *recording.args()])
        self.target.proxy = proxy.port
        return proxy

    def attack(self, seconds: float) -> subprocess.Popen[str]:
        target = json.dumps(dataclasses.asdict(self.target))
        command = [sys.executable, str(HERE / "attack.py"), target, str(seconds), str(random.randrange(1 << 30))]
        attack = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.attacks.append(attack)
        return attack

    def attacked(self, attack: subprocess.Popen[str]) -> None:
        said, _ = attack.communicate(timeout=PATIENCE)
        for name, count in json.loads(said).items():
            self.told[name] = self.told.get(name, 0) + count

    def reached(self) -> set[bytes]:
        """The numbers of all requests that a server was sent so far."""
        return set((self.folder / "reached").read_bytes().split())

    async def round(self, number: int, seconds: float) -> None:
        """One storm, and what it leaves."""
        recording = Recording(self.coldcase, self.folder / f"round-{number}", "faults")
        load = Load(self.target, SECRET, self.last)
        before = self.reached()
        ends_by_kill = number % 2 == 1
        proxy = self.start(recording)
        load.calm.set()
        until = time.monotonic() + seconds
        workers = [asyncio.create_task(load.work(until, 0.05)) for _ in range(WORKERS)]
        first = seconds * random.uniform(0.4, 0.8) if ends_by_kill else seconds
        attack = self.attack(first)
        watch = Watch(proxy)
        if ends_by_kill:
            await watch.follow(time.monotonic() + first)
            load.calm.clear()
            load.generation += 1
            await asyncio.to_thread(proxy.kill)
            self.peak = max(self.peak, watch.peak)
            await asyncio.to_thread(self.attacked, attack)
            proxy = self.start(recording)
            watch = Watch(proxy)
            load.calm.set()
            attack = self.attack(max(until - time.monotonic(), 1))
        await watch.follow(until)
        await asyncio.gather(*workers)
        await asyncio.to_thread(self.attacked, attack)
        await watch.settles()
        self.peak, self.last = max(self.peak, watch.peak), load.last
        said = await asyncio.to_thread(proxy.end)
        faults = [line for line in said if "a fault of its own" in line]
        expect(not faults, f"the proxy told of {len(faults)} faults of its own: {sorted(set(faults))}")
        await asyncio.to_thread(self.holds, recording, load, before, ends_by_kill)

    def holds(self, recording: Recording, load: Load, before: set[bytes], was_killed: bool) -> None:
        counts = load.counts
        expect(not counts.wrong, f"{counts.broken} of {counts.sent} requests went wrong: {counts.wrong[:3]}")
        expect(counts.passed > 0 and counts.blocked > 0, f"no load: {counts}")
        leaked = (self.folder / "leaked").read_bytes()
        expect(not leaked, f"the token reached a server: {leaked[:400]!r}")
        lost = self.reached() - before - recording.asked()
        expect(not lost, f"{len(lost)} requests reached a server and are not in the record: {sorted(lost)[:5]}")
        decided = recording.check(killed=int(was_killed))
        print(
            f"   {counts.sent} requests: {counts.passed} passed, {counts.blocked} blocked, slowest {counts.slowest:.1f} s;"
            f" {len(decided)} events recorded, the same when judged again{'; killed once' if was_killed else ''}",
            flush=True,
        )

    async def attempt(self, what: str, run: Awaitable[None]) -> None:
        print(f"-- {what}", flush=True)
        try:
            await run
        except Exception as failure:
            print(f"   FAILED: {failure}", flush=True)
            if not isinstance(failure, Failure):
                traceback.print_exc()
            self.failures.append(f"{what}: {failure}")
        finally:
            # What a check that failed has left under way would be in the way of the next.
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            for attack in self.attacks:
                attack.kill()
            self.attacks.clear()
            await asyncio.to_thread(end_all)


def certificate(folder: pathlib.Path, name: str) -> None:
    """One for this machine that signs itself."""
    key, own = str(folder / f"{name}.key"), str(folder / f"{name}.pem")
    names = [
        "-subj",
        f"/CN={name}",
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*command, *names, "-keyout", key, "-out", own], check=True, capture_output=True)


async def run(coldcase: Coldcase, minutes: float, folder: pathlib.Path) -> int:
    faults = Faults(coldcase, folder)
    end = time.monotonic() + minutes * 60
    number = 0
    between = [special.full_disk, special.idle_connections, special.jumping_clock]
    try:
        while time.monotonic() < end:
            number += 1
            seconds = min(ROUND, max(10.0, end - time.monotonic()))
            await faults.attempt(f"round {number}", faults.round(number, seconds))
            if number <= len(between) or number % 6 == 0:
                phase = between[(number - 1) % len(between)]
                await faults.attempt(phase.__name__.replace("_", " "), phase(faults, folder / f"between-{number}"))
            if not faults.failures:
                shutil.rmtree(folder / f"round-{number}")
    finally:
        faults.origin.kill()
    print("faults: " + ", ".join(f"{count} {name}" for name, count in sorted(faults.told.items())))
    print(f"the proxy held {faults.peak >> 20} MiB at most")
    for failure in faults.failures:
        print(f"FAILED: {failure}")
    return int(bool(faults.failures))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "target" / "debug" / "coldcase"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0, help="for the order of faults")
    parser.add_argument("--keep", type=pathlib.Path, help="keep what failed in this folder")
    asked = parser.parse_args()
    if sys.version_info < (3, 11) or shutil.which("openssl") is None:
        print("left out: it takes Python 3.11 and openssl")
        return 0
    random.seed(asked.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="coldcase-faults-"))
    try:
        code = asyncio.run(run(Coldcase(asked.binary), asked.minutes, folder))
        if code and asked.keep:
            shutil.copytree(folder, asked.keep, dirs_exist_ok=True)
        return code
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
