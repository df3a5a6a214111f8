"""Receipts that the suite writes, read by the firewall's own published verifier (`pipelock-verify` on PyPI).

Usage: receipts.py GENERATOR: the example `generate` of the corpus. The verifier covers the chain of receipts, not the
recorder's chain round it.
"""

import pathlib
import subprocess
import sys
import tempfile

import pipelock_verify


def public_key(text: str) -> str:
    """The key of a two-line key file, in hex."""
    import base64

    return base64.b64decode(text.splitlines()[1]).hex()


def run(shard: pathlib.Path, key: str) -> int:
    command = [sys.executable, "-m", "pipelock_verify", "--key", key, "--mode", "chain", str(shard)]
    return subprocess.run(command, capture_output=True, text=True, check=False).returncode


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "receipts", "500", folder], check=True)
        shard = pathlib.Path(folder, "evidence-bench-0.jsonl")
        key = public_key(pathlib.Path(folder, "key.pub").read_text())
        assert run(shard, key) == 0, "the published verifier refuses what we wrote"
        text = shard.read_text()
        shard.write_text(text.replace('"verdict":"allow"', '"verdict":"block"', 1))
        assert run(shard, key) != 0, "the published verifier takes an edited receipt"
    print(f"500 receipts verify with pipelock-verify {pipelock_verify.__version__}, and an edited one does not")


main()
