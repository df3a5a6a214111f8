"""Asks for pages by one of two Python libraries, and prints what came as JSON: web_client.py LIBRARY BASE SECRET.

LIBRARY is `requests`, `httpx` or `httpx2` (the same over HTTP/2). Proxy and authority come from the environment.
"""

import json
import ssl
import sys
from typing import Any


def main() -> None:
    library, base, secret = sys.argv[1:]
    if library == "requests":
        import requests

        client: Any = requests.Session()
    else:
        import httpx

        client = httpx.Client(http2=library == "httpx2", verify=ssl.create_default_context())
    answers = {
        "page": client.get(f"{base}/page"),
        "echo": client.post(f"{base}/echo", data={"note": "high water"}),
        "large": client.get(f"{base}/large"),
        "body": client.post(f"{base}/echo", data={"note": secret}),
        "url": client.get(f"{base}/page", params={"note": secret}),
        "header": client.get(f"{base}/page", headers={"x-note": secret}),
        "order": client.get(f"{base}/order"),
    }
    shown = {}
    for name, answer in answers.items():
        shown[name] = {
            "status": answer.status_code,
            "mark": answer.headers.get("x-coldcase"),
            "bytes": len(answer.content),
            "code": answer.json()["error"]["code"] if answer.status_code == 403 else None,
        }
    print(json.dumps(shown))


main()
