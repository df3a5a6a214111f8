"""Watches a proxy while it is attacked: alive, in good health, within its memory, and afterwards rid of what it took."""

import asyncio
import pathlib
import re
import time

from live import Failure, Proxy, expect

# A bound for a thousand bodies that are held at once; what is usual is told at the end of a run.
MOST_MEMORY = 1 << 30
# How long the health check may take while both processors are busy.
HEALTH = 10.0


class Watch:
    """One proxy under way."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.files = self.open_files()
        self.peak = 0

    def open_files(self) -> int:
        return len(list(pathlib.Path(f"/proc/{self.proxy.process.pid}/fd").iterdir()))

    def memory(self) -> int:
        status = pathlib.Path(f"/proc/{self.proxy.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
        return int(found[1]) * 1024 if found else 0

    async def ask(self, path: str) -> str:
        try:
            async with asyncio.timeout(HEALTH):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.admin)
                writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
                answer = (await reader.read()).decode()
                writer.close()
                return answer
        except (OSError, TimeoutError) as error:
            raise Failure(f"{path} is not answered: {type(error).__name__}") from None

    async def follow(self, until: float) -> None:
        while time.monotonic() < until:
            code = self.proxy.process.poll()
            expect(code is None, f"the proxy ended with {code}: {self.proxy.said[-3:]}")
            expect("200 OK" in await self.ask("/healthz"), "the health check fails")
            self.peak = max(self.peak, self.memory())
            expect(self.peak < MOST_MEMORY, f"it holds {self.peak >> 20} MiB")
            await asyncio.sleep(0.5)

    async def settles(self) -> None:
        """Waits until no connection is open any more, and files are as at the start, up to those of pools."""
        start = time.monotonic()
        while True:
            metrics = await self.ask("/metrics")
            open_now = int(re.findall(r"coldcase_connections_open ([0-9-]+)", metrics)[0])
            more = self.open_files() - self.files
            if open_now == 0 and more < 80:
                self.peak = max(self.peak, self.memory())
                return
            expect(time.monotonic() - start < 40, f"{open_now} connections and {more} files are not given back")
            await asyncio.sleep(0.5)
