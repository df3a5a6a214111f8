"""Clients that behave badly towards the proxy. Each is one attempt that ends by itself; what it is told is nobody's matter here.

What must hold while they are at it: the proxy lives, answers others, gives back what it took, and lets nothing through unrecorded.
attack.py has them try.
"""

import asyncio
import contextlib
import gzip
import os
import random
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from servers import BAD, BOMB, reset

Writer = asyncio.StreamWriter
# Longer than the proxy waits for a client here.
LONG = 12.0


@dataclass
class Target:
    """Where the proxy is, what lies behind it, and whom its clients trust."""

    proxy: int
    good: int
    good_tls: int
    plain: int
    tls: int
    untrusted: int
    dead: int
    ca: str

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def url(self, path: str) -> bytes:
        return f"http://127.0.0.1:{self.plain}{path}".encode()

    def call(self, body: bytes) -> bytes:
        """What a client asks that behaves."""
        host = b"127.0.0.1:%d" % self.good
        head = [b"POST http://%s/ok HTTP/1.1" % host, b"host: " + host, *described(body)]
        return b"\r\n".join(head) + b"\r\n\r\n" + body

    def call_inside_tls(self, body: bytes) -> bytes:
        head = [b"POST /ok HTTP/1.1", b"host: localhost:%d" % self.good_tls, *described(body)]
        return b"\r\n".join(head) + b"\r\n\r\n" + body

    def head(self, path: str, *fields: bytes, method: bytes = b"GET") -> bytes:
        host = b"host: 127.0.0.1:%d" % self.plain
        return b"\r\n".join([b"%s %s HTTP/1.1" % (method, self.url(path)), host, *fields]) + b"\r\n\r\n"


def described(body: bytes) -> list[bytes]:
    return [b"content-type: application/json", b"content-length: %d" % len(body)]


@contextlib.asynccontextmanager
async def connected(target: Target):  # noqa: ANN201
    reader, writer = await asyncio.open_connection("127.0.0.1", target.proxy)
    try:
        yield reader, writer
    finally:
        with contextlib.suppress(OSError, ssl.SSLError):
            writer.close()


async def tunnel(target: Target, reader: asyncio.StreamReader, writer: Writer, port: int) -> bytes:
    writer.write(b"CONNECT localhost:%d HTTP/1.1\r\nhost: localhost:%d\r\n\r\n" % (port, port))
    return await reader.readuntil(b"\r\n\r\n")


async def rest(reader: asyncio.StreamReader, patience: float = LONG) -> None:
    """Reads what comes, to its end or until patience ends."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while await reader.read(1 << 16):
                pass


async def bad_server(target: Target) -> None:
    path = random.choice(list(BAD)).decode()
    async with connected(target) as (reader, writer):
        writer.write(target.head(path))
        await rest(reader)


async def bad_server_inside_tls(target: Target) -> None:
    path = random.choice(list(BAD)).decode()
    async with connected(target) as (reader, writer):
        await tunnel(target, reader, writer, target.tls)
        await writer.start_tls(target.trusting(), server_hostname="localhost")
        writer.write(b"GET %s HTTP/1.1\r\nhost: localhost:%d\r\n\r\n" % (path.encode(), target.tls))
        await rest(reader)


async def leaves_a_bad_server(target: Target) -> None:
    path = random.choice(list(BAD)).decode()
    async with connected(target) as (_, writer):
        writer.write(target.head(path))
        await writer.drain()
        await asyncio.sleep(random.random())
        reset(writer)


async def slow_head(target: Target) -> None:
    async with connected(target) as (_, writer):
        for byte in target.head("/ok"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.3)


async def slow_body(target: Target) -> None:
    async with connected(target) as (_, writer):
        writer.write(target.head("/ok", b"content-length: 1000", method=b"POST"))
        for _ in range(40):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.3)


async def stalled_body(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok", b"content-length: 1000", method=b"POST") + b"x")
        await rest(reader)


async def slow_reader(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/endless-chunks"))
        for _ in range(20):
            await reader.read(16)
            await asyncio.sleep(0.3)


async def endless_head(target: Target) -> None:
    async with connected(target) as (_, writer):
        writer.write(b"GET %s HTTP/1.1\r\n" % target.url("/ok"))
        for number in range(5000):
            writer.write(b"x-field-%d: %s\r\n" % (number, b"y" * 200))
            await writer.drain()


async def endless_url(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(b"GET %s?%s HTTP/1.1\r\n\r\n" % (target.url("/ok"), b"q" * 1_000_000))
        await rest(reader)


async def chunk_bomb(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok", b"transfer-encoding: chunked", method=b"POST"))
        for _ in range(5000):
            writer.write(b"1;" + b"e" * 100 + b"\r\nx\r\n")
            await writer.drain()
        writer.write(random.choice([b"0\r\n\r\n", b"FFFFFFFFFFFFFFFF0\r\n", b"-1\r\n", b"zz\r\n"]))
        await rest(reader)


async def large_body(target: Target) -> None:
    """Over what is held, of which the rest comes or does not."""
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok", b"content-length: 12000000", method=b"POST"))
        for _ in range(random.choice([90, 183])):
            writer.write(b"x" * 65_536)
            await writer.drain()
        await rest(reader, 3)


async def compression_bomb(target: Target) -> None:
    async with connected(target) as (reader, writer):
        fields = [b"content-encoding: gzip, gzip", b"content-length: %d" % len(BOMB)]
        writer.write(target.head("/ok", *fields, method=b"POST") + BOMB)
        await rest(reader)


async def nested_json(target: Target) -> None:
    body = gzip.compress(b"[" * 500_000)
    async with connected(target) as (reader, writer):
        fields = [b"content-encoding: gzip", b"content-type: application/json", b"content-length: %d" % len(body)]
        writer.write(target.head("/ok", *fields, method=b"POST") + body)
        await rest(reader)


async def half_closed(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok", b"content-length: 10", method=b"POST") + b"x" * random.choice([5, 10]))
        writer.write_eof()
        await rest(reader)


async def gone_midway(target: Target) -> None:
    async with connected(target) as (_, writer):
        writer.write(target.head("/ok", b"content-length: 100000", method=b"POST") + b"x" * 50_000)
        await writer.drain()
        reset(writer)


async def early_answer(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/early", b"content-length: 3000000", b"expect: 100-continue", method=b"POST"))
        writer.write(b"x" * 3_000_000)
        await rest(reader)


async def pipelined(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok") * 200)
        await rest(reader, 3)


async def smuggled(target: Target) -> None:
    fields = random.choice(
        [
            [b"content-length: 4", b"transfer-encoding: chunked"],
            [b"content-length: 4", b"content-length: 40"],
            [b"transfer-encoding: chunked", b"transfer-encoding: identity"],
            [b"transfer-encoding : chunked"],
            [b" folded: yes"],
        ]
    )
    async with connected(target) as (reader, writer):
        writer.write(target.head("/ok", *fields, method=b"POST") + b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        await rest(reader, 3)


async def noise(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(os.urandom(random.randrange(1, 5000)))
        await rest(reader)


async def no_such_name(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(b"GET http://no-such-name.invalid/ HTTP/1.1\r\nhost: no-such-name.invalid\r\n\r\n")
        await rest(reader)


async def nobody_listens(target: Target) -> None:
    async with connected(target) as (reader, writer):
        writer.write(b"GET http://127.0.0.1:%d/ HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n\r\n" % (target.dead, target.dead))
        await rest(reader)


async def no_trust(target: Target) -> None:
    """A server whose certificate nobody signed, and one that speaks no TLS."""
    port = random.choice([target.untrusted, target.plain])
    async with connected(target) as (reader, writer):
        await tunnel(target, reader, writer, port)
        await writer.start_tls(target.trusting(), server_hostname="localhost")
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost:%d\r\n\r\n" % port)
        await rest(reader)


async def broken_tls(target: Target) -> None:
    async with connected(target) as (reader, writer):
        await tunnel(target, reader, writer, target.tls)
        hello = b"\x16\x03\x01" + struct.pack(">H", 0x4000) + b"\x01" + os.urandom(random.randrange(0x5000))
        writer.write(random.choice([hello, b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x80\x2e\x01", b"SSH-2.0-x\r\n"]))
        await rest(reader)


async def silent_tunnel(target: Target) -> None:
    async with connected(target) as (reader, writer):
        await tunnel(target, reader, writer, target.tls)
        await rest(reader)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """RFC 9113, section 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# GET, https, /, :authority localhost: literals and indexes of the static table.
FIELDS = b"\x82\x87\x84\x01\x09localhost"


async def broken_http2(target: Target) -> None:
    floods = [
        frame(4, 0, 0, b"") * 5000,
        frame(6, 0, 0, bytes(8)) * 5000,
        b"".join(frame(1, 5, number, FIELDS) + frame(3, 0, number, bytes(4)) for number in range(1, 4000, 2)),
        frame(1, 1, 1, FIELDS) + frame(9, 0, 1, b"\x40\x01x\x7f\x00" + b"y" * 100) * 2000,
        frame(1, 5, 1, b"\x82" * 16_000),
        frame(0, 0, 1, b"x" * 16_384) * 4,
        b"\xff\xff\xff" + os.urandom(1000),
        frame(1, 4, 1, FIELDS) + frame(8, 0, 0, b"\x7f\xff\xff\xff") * 2,
    ]
    async with connected(target) as (reader, writer):
        await tunnel(target, reader, writer, target.tls)
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        trusting.set_alpn_protocols(["h2"])
        await writer.start_tls(trusting, server_hostname="localhost")
        writer.write(PREFACE + frame(4, 0, 0, b"") + random.choice(floods))
        await rest(reader, 3)


async def same_ids(target: Target) -> None:
    """Calls of the same id at the same time, and batches."""
    call = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":"b"}}}'
    body = random.choice([call, b"[%s,%s]" % (call, call), b"[%s" % call])
    head = target.head("/ok", b"content-type: application/json", b"content-length: %d" % len(body), method=b"POST")
    async with connected(target) as (reader, writer):
        writer.write((head + body) * 5)
        await rest(reader, 3)


async def leaves_idle(target: Target) -> None:
    """Connections that nothing is said on."""
    sockets = []
    with contextlib.suppress(OSError):
        for _ in range(50):
            own = socket.create_connection(("127.0.0.1", target.proxy), 1)
            sockets.append(own)
    await asyncio.sleep(1)
    for own in sockets:
        own.close()


FAULTS: list[Callable[[Target], Awaitable[None]]] = [
    bad_server,
    bad_server,
    bad_server,
    bad_server_inside_tls,
    leaves_a_bad_server,
    slow_head,
    slow_body,
    stalled_body,
    slow_reader,
    endless_head,
    endless_url,
    chunk_bomb,
    large_body,
    compression_bomb,
    nested_json,
    half_closed,
    gone_midway,
    early_answer,
    pipelined,
    smuggled,
    noise,
    no_such_name,
    nobody_listens,
    no_trust,
    broken_tls,
    silent_tunnel,
    broken_http2,
    same_ids,
    leaves_idle,
]
