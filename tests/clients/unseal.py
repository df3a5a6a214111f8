"""Decrypts what `--encrypt-to` has written, by the Rust implementation of age: unseal.py IDENTITY FOLDER, or unseal.py IDENTITY.

With a folder it prints what the files in it hold, in the order of their names; without one it makes IDENTITY and prints its
public key.
"""

import pathlib
import sys

import pyrage


def main() -> None:
    identity = pathlib.Path(sys.argv[1])
    if len(sys.argv) == 2:
        made = pyrage.x25519.Identity.generate()
        identity.write_text(str(made))
        print(made.to_public())
        return
    key = pyrage.x25519.Identity.from_str(identity.read_text())
    for path in sorted(pathlib.Path(sys.argv[2]).glob("*.age")):
        sys.stdout.buffer.write(pyrage.decrypt(path.read_bytes(), [key]))


main()
