"""Calls tools by the Python SDK of MCP, and prints what came as JSON: mcp_client.py TRANSPORT TARGET.

TRANSPORT is `stdio` (TARGET: the command as a JSON array), `http` or `sse` (TARGET: a URL). The calls come on standard input: a
JSON object of a name for each, to [tool, arguments]. Proxy and authority come from the environment.
"""

import asyncio
import json
import os
import sys
from typing import Any

from mcp import MCPError
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client


def transport(kind: str, target: str) -> Any:
    if kind == "stdio":
        command, *args = json.loads(target)
        return stdio_client(StdioServerParameters(command=command, args=args, env=dict(os.environ)))
    return {"http": streamable_http_client, "sse": sse_client}[kind](target)


async def called(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        result = await client.call_tool(tool, arguments, read_timeout_seconds=30)
    except MCPError as error:
        return {"error": error.code, "message": error.message, "rules": (error.data or {}).get("rules", [])}
    return {"text": "".join(part.text for part in result.content if part.type == "text"), "failed": result.is_error}


async def main() -> None:
    calls = json.load(sys.stdin)
    shown: dict[str, Any] = {}
    async with Client(transport(sys.argv[1], sys.argv[2])) as client:
        shown["protocol"] = client.protocol_version
        shown["tools"] = len((await client.list_tools()).tools)
        for name, (tool, arguments) in calls.items():
            shown[name] = await called(client, tool, arguments)
    print(json.dumps(shown))


asyncio.run(main())
