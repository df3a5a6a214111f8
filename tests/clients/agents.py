"""The SDKs of MCP with the reference servers: behind `coldcase mcp`, before `coldcase proxy --upstream`, and through TLS."""

import json
import os
from collections.abc import Callable

from bench import HERE, ORDER, SECRET, Bench, Between, Shown, free_port, need, recorded, run, socket_to
from live import Proxy, Recording, expect, wait_for

# Source: cli/src/live/answer.rs.
BLOCKED = -32010
EVERYTHING = str(HERE / "everything.yaml")


def mcp(bench: Bench, sdk: str, kind: str, target: str, calls: Shown, between: Between | None = None) -> Shown:
    """Has one of the SDKs make calls."""
    if sdk == "python":
        need(bench.has_python, "Python's packages")
        command = [str(bench.python), str(HERE / "mcp_client.py"), kind, target]
        environment = between.environment() if between else None
    else:
        need(bench.has_node, "Node's packages")
        command = ["node", str(bench.packages / "mcp_client.mjs"), kind, target]
        environment = None
        if between:
            command += [between.proxy.url, str(between.authority)]
    return json.loads(run(command, input=json.dumps(calls), env=environment))


def stopped(shown: Shown, rule: str) -> None:
    """What an SDK must have been told of a message that was blocked."""
    expect(shown.get("error") == BLOCKED, f"{shown}")
    expect("blocked by coldcase" in shown["message"], f"{shown}")
    expect(any(name.startswith(rule) for name in shown["rules"]), f"{shown}")


ECHOES = {
    "clean": ["echo", {"message": "high water"}],
    "secret": ["echo", {"message": f"use {SECRET}"}],
    "order": ["echo", {"message": ORDER}],
    "after": ["echo", {"message": "low water"}],
}


def echoes(shown: Shown, least_tools: int) -> None:
    expect(shown["tools"] >= least_tools, f"{shown}")
    expect(shown["clean"]["text"] == "Echo: high water", f"{shown['clean']}")
    stopped(shown["secret"], "dlp.")
    stopped(shown["order"], "injection.")
    expect(shown["after"]["text"] == "Echo: low water", f"{shown['after']}")


def wrapped(bench: Bench, name: str, server: list[str], policy: str = "balanced") -> tuple[Recording, str]:
    """A server behind `coldcase mcp`, as a command for a client."""
    recording = Recording(bench.coldcase, bench.scratch / name, name, policy)
    command = [bench.coldcase.path, "mcp", *recording.args(), "--server", "tested", "--", *server]
    return recording, json.dumps(command)


def everything(sdk: str) -> Callable[[Bench], None]:
    def client(bench: Bench) -> None:
        need(bench.has_node, "Node's packages")
        recording, command = wrapped(bench, f"everything-{sdk}", bench.server("everything", "stdio"), EVERYTHING)
        echoes(mcp(bench, sdk, "stdio", command, ECHOES), 8)
        recorded(recording)

    return client


def filesystem(sdk: str) -> Callable[[Bench], None]:
    def client(bench: Bench) -> None:
        need(bench.has_node, "Node's packages")
        files = bench.scratch / f"files-{sdk}"
        files.mkdir()
        (files / "tides.txt").write_text("High water at noon.\n")
        (files / "note.txt").write_text(f"{ORDER}\n")
        calls = {
            "clean": ["read_text_file", {"path": str(files / "tides.txt")}],
            "order": ["read_text_file", {"path": str(files / "note.txt")}],
            "secret": ["write_file", {"path": str(files / "out.txt"), "content": SECRET}],
            "written": ["write_file", {"path": str(files / "fine.txt"), "content": "Low water.\n"}],
        }
        recording, command = wrapped(bench, f"filesystem-{sdk}", bench.server("filesystem", str(files)))
        shown = mcp(bench, sdk, "stdio", command, calls)
        expect("High water at noon." in shown["clean"]["text"], f"{shown['clean']}")
        stopped(shown["order"], "injection.")
        stopped(shown["secret"], "dlp.")
        expect(not (files / "out.txt").exists(), "the token was written")
        expect((files / "fine.txt").read_text() == "Low water.\n", f"{shown['written']}")
        recorded(recording)

    return client


def fetch(sdk: str) -> Callable[[Bench], None]:
    """The fetch server, with `coldcase mcp` before it and `coldcase proxy` behind it."""

    def client(bench: Bench) -> None:
        need(bench.has_python, "Python's packages")
        name = f"fetch-{sdk}"
        with bench.intercepting(f"{name}-web") as between:
            args = ["--ignore-robots-txt", "--allow-private-ips", "--proxy-url", between.proxy.url]
            environment = [f"SSL_CERT_FILE={between.authority}", f"PATH={os.environ['PATH']}"]
            server = ["env", *environment, str(bench.python), "-m", "mcp_server_fetch", *args]
            recording, command = wrapped(bench, name, server)
            calls = {
                "clean": ["fetch", {"url": f"{bench.base}/page"}],
                "order": ["fetch", {"url": f"{bench.base}/order"}],
                "secret": ["fetch", {"url": f"{bench.base}/page?note={SECRET}"}],
            }
            shown = mcp(bench, sdk, "stdio", command, calls)
            expect("High water is at noon" in shown["clean"].get("text", ""), f"{shown['clean']}")
            # The proxy has stopped the page before it became a result.
            expect("403" in json.dumps(shown["order"]), f"{shown['order']}")
            stopped(shown["secret"], "dlp.")
            recorded(recording)

    return client


def before_server(sdk: str, kind: str) -> Callable[[Bench], None]:
    """The reference server over HTTP, with `coldcase proxy --upstream` before it."""

    def client(bench: Bench) -> None:
        need(bench.has_node, "Node's packages")
        port = free_port()
        bench.start(*bench.server("everything", {"http": "streamableHttp", "sse": "sse"}[kind]), env={"PORT": str(port)})
        at = bench.scratch / f"port-{sdk}-{kind}"
        at.write_text(str(port))

        def answers() -> bool:
            with socket_to(at) as is_open:
                return is_open

        wait_for("the reference server", answers)
        recording = Recording(bench.coldcase, bench.scratch / f"reverse-{sdk}-{kind}", "reverse", EVERYTHING)
        path = {"http": "mcp", "sse": "sse"}[kind]
        proxy = Proxy(bench.coldcase, ["--upstream", f"http://127.0.0.1:{port}/{path}", *recording.args()])
        try:
            echoes(mcp(bench, sdk, kind, f"{proxy.url}/{path}", ECHOES), 8)
        except BaseException:
            proxy.process.kill()
            print("\n".join(f"   proxy: {line}" for line in proxy.said[-20:]))
            raise
        proxy.end()
        recorded(recording)

    return client


def through_tls(sdk: str) -> Callable[[Bench], None]:
    """A server of the Python SDK over TLS, through the forward proxy."""

    def client(bench: Bench) -> None:
        with bench.intercepting(f"tls-{sdk}") as between:
            echoes(mcp(bench, sdk, "http", f"{bench.base}/mcp", ECHOES, between), 1)

    return client
