"""A server that behaves as the path of a request says, well or badly: servers.py FOLDER SECRET, a process of its own.

Raw sockets, so that it can send what no library would. `/ok` gives back the body. Every number that stands in a request is
appended to FOLDER/reached, and what holds the secret to FOLDER/leaked. It leaves out HTTP/2.
"""

import asyncio
import contextlib
import gzip
import json
import logging
import pathlib
import re
import socket
import ssl
import struct
import sys
import zlib
from collections.abc import Awaitable, Callable

NUMBER = re.compile(rb'"number":"(n-[0-9]+)"')
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
Writer = asyncio.StreamWriter


def plain(body: bytes, *fields: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"content-type: application/json", b"content-length: %d" % len(body), *fields]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def bomb() -> bytes:
    """A gigabyte of zeros behind gzip twice."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    once = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    return gzip.compress(once)


BOMB = bomb()


def reset(writer: Writer) -> None:
    """Closes a connection by RST."""
    with contextlib.suppress(OSError, AttributeError):
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def drip(writer: Writer, text: bytes, pause: float) -> None:
    for at in range(len(text)):
        writer.write(text[at : at + 1])
        await writer.drain()
        await asyncio.sleep(pause)


async def slow_head(writer: Writer) -> None:
    await drip(writer, plain(b"{}"), 0.5)


async def slow_body(writer: Writer) -> None:
    writer.write(plain(b"x" * 4000)[:-4000])
    await drip(writer, b"x" * 4000, 0.2)


async def endless_head(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        writer.write(b"x-field-%d: %s\r\n" % (number, b"y" * 100))
        await writer.drain()


async def tiny_chunks(writer: Writer) -> None:
    writer.write(CHUNKED)
    for _ in range(20_000):
        writer.write(b"1;extension=" + b"e" * 64 + b"\r\nx\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")


async def endless_chunks(writer: Writer) -> None:
    writer.write(CHUNKED)
    for _ in range(1024):
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def giant_chunk(writer: Writer) -> None:
    writer.write(CHUNKED + b"FFFFFFFFFFFFFFFF\r\nxyz")
    await writer.drain()
    await asyncio.sleep(1)


async def bombs(writer: Writer) -> None:
    writer.write(plain(BOMB, b"content-encoding: gzip, gzip"))


async def broken_coding(writer: Writer) -> None:
    writer.write(plain(b"\x1f\x8b\x08\x00 this is no gzip", b"content-encoding: gzip"))


async def reset_midway(writer: Writer) -> None:
    writer.write(plain(b"x" * 100_000)[:50_000])
    await writer.drain()
    reset(writer)


async def short_body(writer: Writer) -> None:
    writer.write(plain(b"x" * 1000)[:-500])


async def half_close(writer: Writer) -> None:
    writer.write(plain(b"{}"))
    await writer.drain()
    with contextlib.suppress(OSError, NotImplementedError):
        writer.write_eof()
    await asyncio.sleep(1)


async def silence(writer: Writer) -> None:
    await asyncio.sleep(30)


async def nonsense(writer: Writer) -> None:
    writer.write(bytes(range(256)) * 64)


async def two_lengths(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello, world")


async def smuggled(writer: Writer) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    )


async def endless_event(writer: Writer) -> None:
    writer.write(CHUNKED.replace(b"text/plain", b"text/event-stream"))
    for _ in range(1024):
        writer.write(b"8000\r\n" + b"data: " + b"x" * (0x8000 - 7) + b"\n\r\n")
        await writer.drain()


async def broken_stream(writer: Writer) -> None:
    writer.write(CHUNKED.replace(b"text/plain", b"text/event-stream") + b"e\r\ndata: hello\n\nd\r\n")
    await writer.drain()
    reset(writer)


async def unasked_upgrade(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x05hello")


async def many_interim(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 5000 + plain(b"{}"))


BAD: dict[bytes, Callable[[Writer], Awaitable[None]]] = {
    b"/slow-head": slow_head,
    b"/slow-body": slow_body,
    b"/endless-head": endless_head,
    b"/tiny-chunks": tiny_chunks,
    b"/endless-chunks": endless_chunks,
    b"/giant-chunk": giant_chunk,
    b"/bomb": bombs,
    b"/broken-coding": broken_coding,
    b"/reset": reset_midway,
    b"/short-body": short_body,
    b"/half-close": half_close,
    b"/silence": silence,
    b"/nonsense": nonsense,
    b"/two-lengths": two_lengths,
    b"/smuggled": smuggled,
    b"/endless-event": endless_event,
    b"/broken-stream": broken_stream,
    b"/unasked-upgrade": unasked_upgrade,
    b"/many-interim": many_interim,
}


class Origin:
    """The server, in the clear and over TLS, and what has reached it; and one that nobody trusts.

    On ports of their own for who behaves: a connection that a bad answer was cut off on is nobody else's.
    """

    def __init__(self, folder: pathlib.Path, secret: bytes) -> None:
        self.folder, self.secret = folder, secret
        self.reached = (folder / "reached").open("ab", buffering=0)
        self.leaked = (folder / "leaked").open("ab", buffering=0)

    async def run(self) -> None:
        # Writing to who has hung up is no news here.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        logging.disable()
        own, stranger = (context(self.folder, name) for name in ("own", "stranger"))
        servers = {
            "good": await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20),
            "good_tls": await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, ssl=own),
            "plain": await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20),
            "tls": await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, ssl=own),
            "untrusted": await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=stranger),
        }
        print(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in servers.items()}), flush=True)
        await asyncio.gather(*(server.serve_forever() for server in servers.values()))

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, ssl.SSLError, ValueError):
            while await self.one(reader, writer):
                pass
        with contextlib.suppress(OSError, ssl.SSLError):
            writer.close()

    async def one(self, reader: asyncio.StreamReader, writer: Writer) -> bool:
        """Answers a request; says whether another may follow."""
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].split(b"?")[0]
        self.look(head)
        if path == b"/early":
            # Before the body has come, which nobody reads.
            writer.write(plain(b"{}", b"connection: close"))
            await writer.drain()
            return False
        if path in BAD:
            await BAD[path](writer)
            await writer.drain()
            return False
        body = await body_of(reader, head)
        self.look(body)
        writer.write(plain(body))
        await writer.drain()
        return True

    def look(self, text: bytes) -> None:
        for number in NUMBER.findall(text):
            self.reached.write(number + b"\n")
        if self.secret in text:
            self.leaked.write(text[:200] + b"\n")


async def body_of(reader: asyncio.StreamReader, head: bytes) -> bytes:
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    if length:
        return await reader.readexactly(int(length[1]))
    if not re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        return b""
    body = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += (await reader.readexactly(size + 2))[:-2]
        if size == 0:
            return body


def context(folder: pathlib.Path, name: str) -> ssl.SSLContext:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return serving


if __name__ == "__main__":
    asyncio.run(Origin(pathlib.Path(sys.argv[1]), sys.argv[2].encode()).run())
