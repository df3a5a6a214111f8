"""Clients and servers that nobody here wrote, through `coldcase proxy` with interception and through `coldcase mcp`.

Usage: run.py [--binary FILE] [--folder DIR] [--only NAME]

Each client runs as its makers ship it, in pinned versions that are installed into DIR (default: target/clients), against servers
on loopback. It must work where all is clean, be told the right error where it carries a token that was never issued or is given an
order, and leave a recording that agrees with itself (live.py). What does not install is left out, and said to be. Ends with 1 if a
client is not served as it should be. It leaves out load, and everything that a client does not do by itself.
"""

import argparse
import pathlib
import sys
import tempfile
import time
import traceback
from collections.abc import Callable

import agents
import web
from bench import HERE, Bench, Left, need
from live import Coldcase, Failure

ROOT = HERE.parent.parent

CLIENTS: dict[str, Callable[[Bench], None]] = {
    "curl, HTTP/1.1": web.curl("--http1.1"),
    "curl, HTTP/2": web.curl("--http2"),
    "Python requests": web.python_client("requests"),
    "Python httpx, HTTP/1.1": web.python_client("httpx"),
    "Python httpx, HTTP/2": web.python_client("httpx2"),
    "Node undici": web.undici,
    "git over HTTPS": web.git,
    "pip": web.pip,
}
for sdk_name in ("python", "typescript"):
    CLIENTS[f"MCP {sdk_name}, everything, stdio"] = agents.everything(sdk_name)
    CLIENTS[f"MCP {sdk_name}, filesystem, stdio"] = agents.filesystem(sdk_name)
    CLIENTS[f"MCP {sdk_name}, fetch, stdio and proxy"] = agents.fetch(sdk_name)
    CLIENTS[f"MCP {sdk_name}, everything, streamable HTTP"] = agents.before_server(sdk_name, "http")
    CLIENTS[f"MCP {sdk_name}, everything, SSE"] = agents.before_server(sdk_name, "sse")
    CLIENTS[f"MCP {sdk_name}, streamable HTTP through TLS"] = agents.through_tls(sdk_name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "target" / "debug" / "coldcase"))
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "target" / "clients")
    parser.add_argument("--only", default="", help="clients whose name holds this")
    asked = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="coldcase-clients-") as scratch:
        bench = Bench(Coldcase(asked.binary), asked.folder.resolve(), pathlib.Path(scratch))
        bench.install()
        try:
            if bench.has_python:
                bench.start_origin()
            for name, client in CLIENTS.items():
                if asked.only in name:
                    counts[outcome(bench, name, client)] += 1
        finally:
            bench.stop()
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return int(counts["failed"] > 0)


def outcome(bench: Bench, name: str, client: Callable[[Bench], None]) -> str:
    print(f"-- {name}", flush=True)
    start = time.monotonic()
    try:
        need(bench.has_python, "Python's packages, which the server with TLS needs")
        client(bench)
    except Left as left:
        print(f"   left out: {left} are not here")
        return "skipped"
    except Exception as error:
        print(f"   FAILED: {error}")
        if not isinstance(error, Failure):
            traceback.print_exc()
        return "failed"
    print(f"   passed in {time.monotonic() - start:.1f} s")
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
