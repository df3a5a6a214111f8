"""Clients of the web, each as its makers ship it, through the proxy with interception."""

import json
import os
import pathlib
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from typing import Any

from bench import HERE, PATIENCE, SECRET, Bench, Shown, need, run
from live import expect


def pages(shown: Shown, large: int = 251 * 8_000) -> None:
    """What every client of the web must have been given."""
    for name in ("page", "echo", "large"):
        expect(shown[name]["status"] == 200 and shown[name]["mark"] is None, f"{name}: {shown[name]}")
    expect(shown["large"]["bytes"] == large, f"{shown['large']}")
    for name in ("body", "url", "header", "order"):
        told = (shown[name]["status"], shown[name]["mark"], shown[name]["code"])
        expect(told == (403, "blocked", "blocked"), f"{name}: {shown[name]}")


def python_client(library: str) -> Callable[[Bench], None]:
    def client(bench: Bench) -> None:
        need(bench.has_python, "Python's packages")
        with bench.intercepting(f"py-{library}", sealed=library == "httpx2") as between:
            command = [str(bench.python), str(HERE / "web_client.py"), library, bench.base, SECRET]
            pages(json.loads(run(command, env=between.environment())))

    return client


def undici(bench: Bench) -> None:
    need(bench.has_node, "Node's packages")
    with bench.intercepting("undici") as between:
        command = ["node", str(bench.packages / "undici_client.mjs"), between.proxy.url, str(between.authority), bench.base, SECRET]
        pages(json.loads(run(command)))


def curl(protocol: str) -> Callable[[Bench], None]:
    def client(bench: Bench) -> None:
        need(shutil.which("curl") is not None, "curl")
        features = run(["curl", "--version"])
        need(protocol != "--http2" or "HTTP2" in features, "curl with HTTP/2")
        with bench.intercepting(f"curl{protocol.strip('-').replace('.', '')}") as between:

            def ask(path: str, *args: str) -> Shown:
                form = (
                    '{"status": %{http_code}, "mark": "%header{x-coldcase}", "bytes": %{size_download}, "http": "%{http_version}"}'
                )
                answer = bench.scratch / "answer"
                command = ["curl", "-sS", "-m", "60", protocol, "-o", str(answer), "-w", form, *args, bench.base + path]
                shown = json.loads(run(command, env=between.environment()))
                shown["mark"] = shown["mark"] or None
                shown["code"] = json.loads(answer.read_text())["error"]["code"] if shown["status"] == 403 else None
                return shown

            shown = {
                "page": ask("/page"),
                "echo": ask("/echo", "-d", "note=high water"),
                "large": ask("/large", "--compressed"),
                "body": ask("/echo", "-d", f"note={SECRET}"),
                "url": ask(f"/page?note={SECRET}"),
                "header": ask("/page", "-H", f"x-note: {SECRET}"),
                "order": ask("/order"),
            }
            pages(shown)
            spoken = {answer["http"] for answer in shown.values()}
            expect(spoken == ({"2"} if protocol == "--http2" else {"1.1"}), f"it spoke {spoken}")

    return client


def git(bench: Bench) -> None:
    need(shutil.which("git") is not None, "git")
    work = bench.scratch / "git-work"
    hosted = bench.origin / "git" / "tides.git"
    identity = ["-c", "user.name=tester", "-c", "user.email=tester@example.test"]
    run(["git", "init", "-q", "--bare", "-b", "main", str(hosted)])
    run(["git", "init", "-q", "-b", "main", str(work)])
    for number in range(40):
        (work / f"tide-{number}.txt").write_text(f"High water {number}\n" * 200)
    run(["git", "add", "."], cwd=work)
    run(["git", *identity, "commit", "-q", "-m", "Tides"], cwd=work)
    run(["git", "push", "-q", str(hosted), "main"], cwd=work)
    with bench.intercepting("git") as between:
        environment = {**between.environment(), "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null"}
        url, clone = f"{bench.base}/git/tides.git", bench.scratch / "git-clone"
        run(["git", "clone", "-q", url, str(clone)], env=environment)
        expect((clone / "tide-39.txt").read_text().startswith("High water 39"), "the clone lacks a file")
        (clone / "more.txt").write_text("Low water\n")
        run(["git", "add", "."], cwd=clone)
        run(["git", *identity, "commit", "-q", "-m", "More"], cwd=clone)
        run(["git", "push", "-q", "origin", "main"], cwd=clone, env=environment)
        head = run(["git", "rev-parse", "main"], cwd=clone)
        expect(run(["git", "rev-parse", "main"], cwd=hosted) == head, "the push did not arrive")
        carrying = ["git", "-c", f"http.extraHeader=x-note: {SECRET}", "fetch", "-q"]
        refused(carrying, "403", cwd=clone, env=environment)
        refused(["git", "ls-remote", f"{bench.base}/git/{SECRET}.git"], "403", env=environment)


def pip(bench: Bench) -> None:
    need(bench.has_python, "Python's packages")
    folder = bench.origin / "simple" / "tides"
    folder.mkdir(exist_ok=True)
    wheel(folder)
    with bench.intercepting("pip") as between:
        target = bench.scratch / "pip-target"
        environment = {name: value for name, value in between.environment().items() if not name.startswith("PIP_")}
        environment |= {"PIP_CERT": str(between.authority), "PIP_CONFIG_FILE": os.devnull}
        install = [str(bench.python), "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--retries", "0"]
        place = [*install, "--target", str(target), "--index-url"]
        run([*place, f"{bench.base}/simple/", "tides"], env=environment)
        expect((target / "tides.py").exists(), "the package is not there")
        # It takes a page that is refused for one that has nothing, and says why only where it is asked to.
        refused([*place, f"{bench.base}/{SECRET}/simple/", "tides", "-vv"], "403", env=environment)


def wheel(folder: pathlib.Path) -> None:
    """A package of one module."""
    meta = "Metadata-Version: 2.1\nName: tides\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {"tides.py": "HIGH = 12\n", "tides-1.0.dist-info/METADATA": meta, "tides-1.0.dist-info/WHEEL": kind}
    with zipfile.ZipFile(folder / "tides-1.0-py3-none-any.whl", "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
        record = "".join(f"{name},,\n" for name in [*files, "tides-1.0.dist-info/RECORD"])
        packed.writestr("tides-1.0.dist-info/RECORD", record)


def refused(command: list[str], told: str, **rest: Any) -> None:
    """Runs a program that must fail, and say why."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **rest)
    expect(ran.returncode != 0 and told in ran.stderr + ran.stdout, f"{command[0]} ends with {ran.returncode}: {ran.stderr[-800:]}")
