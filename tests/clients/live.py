"""`coldcase proxy` and the recordings of the live mode, for run.py and for the faults: started, stopped, held to what they promise.

A recording agrees with itself if its log verifies, if `judge` gives for the messages in full, event by event, what the log says
was decided when they passed, and if a replay under the same policy changes nothing. It leaves out which verdicts are right.
"""

import atexit
import contextlib
import json
import pathlib
import re
import signal
import subprocess
import threading
import time
from typing import Any

# Longer than any step takes on a slow machine.
PATIENCE = 60


class Failure(Exception):
    """Something is not as it was promised."""


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise Failure(what)


class Coldcase:
    """The program under test."""

    def __init__(self, path: str) -> None:
        self.path = str(pathlib.Path(path).resolve())

    def run(self, *args: str, code: int = 0, text: bytes | None = None) -> bytes:
        ran = subprocess.run([self.path, *args], input=text, capture_output=True, timeout=600, check=False)
        said = ran.stderr.decode(errors="replace")[-2000:]
        expect(ran.returncode == code, f"`coldcase {' '.join(args)}` ends with {ran.returncode}: {said}")
        return ran.stdout


class Recording:
    """A signed log and the messages in full, in a folder of their own."""

    def __init__(self, coldcase: Coldcase, folder: pathlib.Path, name: str, policy: str = "balanced") -> None:
        self.coldcase, self.folder, self.name, self.policy = coldcase, folder, name, policy
        folder.mkdir(parents=True, exist_ok=True)
        if not self.at("k.key"):
            coldcase.run("keygen", "--out", str(folder / "k"))

    def at(self, name: str) -> bool:
        return (self.folder / name).exists()

    def args(self) -> list[str]:
        folder = str(self.folder)
        log = ["--record", f"{folder}/log", "--key", f"{folder}/k.key", "--session", self.name]
        return [*log, "--record-bodies", f"{folder}/seen.jsonl", "--policy", self.policy]

    def messages(self) -> bytes:
        """The messages in full."""
        return (self.folder / "seen.jsonl").read_bytes()

    def asked(self) -> set[bytes]:
        """The numbers of the requests in the record, as the faults number them; answers repeat them, and do not count."""
        lines = [line for line in self.messages().split(b"\n") if b'"kind":"http_response"' not in line]
        return {number for line in lines for number in re.findall(rb"n-[0-9]+", line)}

    def entries(self) -> list[dict[str, Any]]:
        """All entries of the log, session after session as they were begun."""
        shards = sorted((self.folder / "log").glob("evidence-*.jsonl"), key=lambda shard: shard.stat().st_ctime_ns)
        entries: list[list[dict[str, Any]]] = []
        for shard in shards:
            # The last line of a process that was killed may be cut.
            lines = shard.read_bytes().split(b"\n")[:-1]
            entries.append([json.loads(line) for line in lines])
        entries.sort(key=lambda session: session[0]["ts"] if session else "")
        return [entry for session in entries for entry in session]

    def decided(self) -> list[dict[str, Any]]:
        """What was decided about each event, in order."""
        decisions = [entry for entry in self.entries() if entry["type"] == "decision"]
        return [entry["detail"] for entry in decisions if isinstance(entry["detail"].get("event"), dict)]

    def check(self, *, killed: int = 0) -> list[dict[str, Any]]:
        """Fails unless the recording agrees with itself; gives what was decided. Each kill may cut off what was under way."""
        said = self.coldcase.run("verify", str(self.folder / "log"), "--key", str(self.folder / "k.pub")).decode()
        # What was written after the last checkpoint of a process that was killed is in the log, and not signed.
        unsigned = sum("after the last checkpoint" in line for line in said.splitlines())
        expect(unsigned <= killed, f"{unsigned} sessions of the log do not end with a checkpoint: {said}")
        decided = self.decided()
        records = self.messages().split(b"\n")
        expect(records.pop() == b"", "the file of messages ends within a line")
        whole = [record for record in records if is_whole(record)]
        expect(len(records) - len(whole) <= killed, f"{len(records) - len(whole)} torn lines")
        judged = self.coldcase.run("judge", "--policy", self.policy, text=b"\n".join(whole) + b"\n")
        again = {name(line): verdict(line) for line in map(json.loads, judged.splitlines())}
        before = {name(entry["event"]): verdict(entry["event"]) for entry in decided}
        expect(len(before) == len(decided), "two events have one name")
        # The log is written first, the message in full second.
        expect(again.keys() <= before.keys() and len(before) - len(again) <= killed, f"{len(again)} events of {len(before)}")
        for event, one in again.items():
            expect(before[event] == one, f"{event} in {self.folder.name}: logged {before[event]}, judged again {one}")
        return decided


def is_whole(record: bytes) -> bool:
    with contextlib.suppress(ValueError):
        return isinstance(json.loads(record), dict)
    return False


def name(event: dict[str, Any]) -> tuple[object, ...]:
    return event["session"], event["id"]


def verdict(event: dict[str, Any]) -> tuple[object, ...]:
    """What is compared: action, reason, where each finding lies, risk. A log holds fractions as texts."""
    findings = [
        (finding["rule"], finding["severity"], finding["surface"], finding["pointer"], finding["span"], finding["views"])
        for finding in event["findings"]
    ]
    risk = event["risk"]
    return event["action"], event["reason"], json.dumps(findings), risk["level"], float(risk["score"])


class Proxy:
    """A proxy under way on a free port."""

    # Those that nobody ended: a check that fails leaves its proxy behind.
    under_way: set["Proxy"] = set()

    def __init__(self, coldcase: Coldcase, args: list[str]) -> None:
        loopback = ["--allow-address", "127.0.0.0/8", "--allow-address", "::1"]
        command = [coldcase.path, "proxy", "--listen", "127.0.0.1:0", *loopback, *args]
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE, text=True)
        self.under_way.add(self)
        self.said: list[str] = []
        self.listens = threading.Event()
        self.port = self.admin = 0
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()
        if not self.listens.wait(PATIENCE) or not self.port:
            self.process.kill()
            raise Failure(f"the proxy does not start: {self.said}")

    def listen(self) -> None:
        for line in self.process.stderr or []:
            if len(self.said) < 100_000:
                self.said.append(line.rstrip("\n"))
            for name, start in (("admin", "coldcase: admin on "), ("port", "coldcase: listening on ")):
                if line.startswith(start):
                    setattr(self, name, int(line.rsplit(":", 1)[1]))
            if self.port:
                self.listens.set()
        self.listens.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> list[str]:
        """Ends it as a service manager does; gives what it said."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended(0)

    def kill(self) -> list[str]:
        self.process.kill()
        return self.ended(-signal.SIGKILL)

    def ended(self, code: int) -> list[str]:
        try:
            ended = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"the proxy does not end: {self.said[-5:]}") from None
        self.under_way.discard(self)
        self.reader.join(PATIENCE)
        expect(ended == code, f"the proxy ends with {ended}: {self.said[-5:]}")
        return self.said


def end_all() -> None:
    """Ends every proxy that is still under way."""
    while Proxy.under_way:
        process = Proxy.under_way.pop().process
        process.kill()
        process.wait(PATIENCE)


atexit.register(end_all)


def wait_for(what: str, holds: Any) -> None:
    start = time.monotonic()
    while not holds():
        expect(time.monotonic() - start < PATIENCE, f"{what} does not come")
        time.sleep(0.05)
