// Calls tools by the TypeScript SDK of MCP, and prints what came as JSON: mcp_client.mjs TRANSPORT TARGET [PROXY CA].
//
// TRANSPORT is `stdio` (TARGET: the command as a JSON array), `http` or `sse` (TARGET: a URL). The calls come on standard input:
// a JSON object of a name for each, to [tool, arguments].

import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ProxyAgent, fetch } from "undici";

const [kind, target, proxy, authority] = process.argv.slice(2);

function options() {
  if (proxy === undefined) return {};
  const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: readFileSync(authority) } });
  return { fetch: (url, init) => fetch(url, { ...init, dispatcher }) };
}

function transport() {
  if (kind === "stdio") {
    const [command, ...args] = JSON.parse(target);
    return new StdioClientTransport({ command, args, env: process.env });
  }
  const url = new URL(target);
  return kind === "sse" ? new SSEClientTransport(url, options()) : new StreamableHTTPClientTransport(url, options());
}

async function called(tool, args) {
  try {
    const result = await client.callTool({ name: tool, arguments: args });
    const texts = result.content.filter((part) => part.type === "text").map((part) => part.text);
    return { text: texts.join(""), failed: result.isError ?? false };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { error: error.code, message: error.message, rules: error.data?.rules ?? [] };
  }
}

const calls = JSON.parse(readFileSync(0, "utf8"));
const client = new Client({ name: "calls", version: "1" });
await client.connect(transport());
const shown = { protocol: client.getServerVersion()?.name, tools: (await client.listTools()).tools.length };
for (const [name, [tool, args]] of Object.entries(calls)) shown[name] = await called(tool, args);
console.log(JSON.stringify(shown));
await client.close();
process.exit(0);
