"""Clients that behave well, under whom the faults happen: each request is numbered, and each answer is held to what it must be."""

import asyncio
import contextlib
import json
import random
import re
import ssl
import time
from dataclasses import dataclass, field

from clients import Target, tunnel

# Longer than an answer takes on a slow machine that is under attack.
PATIENCE = 20.0


@dataclass
class Counts:
    """What came of the requests."""

    sent: int = 0
    passed: int = 0
    blocked: int = 0
    broken: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def fault(self, what: str) -> None:
        self.broken += 1
        if len(self.wrong) < 20:
            self.wrong.append(what)


class Load:
    """Workers that ask over kept connections, in the clear and through TLS."""

    def __init__(self, target: Target, secret: str, last: int) -> None:
        self.target, self.secret, self.trusting = target, secret, target.trusting()
        self.counts = Counts()
        # Cleared while the proxy is down: what breaks then is no fault.
        self.calm = asyncio.Event()
        self.generation = 0
        self.last = last

    async def work(self, until: float, pause: float) -> None:
        while time.monotonic() < until:
            await self.calm.wait()
            began = self.generation
            try:
                await self.connection(until, pause, random.random() < 0.5)
            except (OSError, EOFError, ssl.SSLError, TimeoutError) as error:
                if self.calm.is_set() and began == self.generation:
                    self.counts.fault(f"a request that must be answered: {type(error).__name__} {error}")
            await asyncio.sleep(pause)

    async def connection(self, until: float, pause: float, is_tls: bool) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target.proxy)
        try:
            if is_tls:
                async with asyncio.timeout(PATIENCE):
                    await tunnel(self.target, reader, writer, self.target.good_tls)
                    await writer.start_tls(self.trusting, server_hostname="localhost")
            for _ in range(random.randrange(1, 60)):
                if time.monotonic() > until or not self.calm.is_set():
                    return
                await self.one(reader, writer, is_tls)
                await asyncio.sleep(pause)
        finally:
            with contextlib.suppress(OSError, ssl.SSLError):
                writer.close()

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_tls: bool) -> None:
        self.last += 1
        carries = random.random() < 0.1
        note = f"use {self.secret}" if carries else "high water " * random.randrange(1, 60)
        body = json.dumps({"number": f"n-{self.last}", "note": note}, separators=(",", ":")).encode()
        writer.write(self.target.call_inside_tls(body) if is_tls else self.target.call(body))
        self.counts.sent += 1
        start = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            status, head, answer = await read(reader)
        self.counts.slowest = max(self.counts.slowest, time.monotonic() - start)
        if carries and status == 403 and b"x-coldcase: blocked" in head:
            self.counts.blocked += 1
        elif not carries and status == 200 and answer == body:
            self.counts.passed += 1
        else:
            self.counts.fault(f"n-{self.last} is answered with {status}: {answer[:200]!r}")


async def read(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return int(head[9:12]), head, body
