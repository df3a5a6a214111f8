// Asks for pages by undici, and prints what came as JSON: undici_client.mjs PROXY CA BASE SECRET.

import { readFileSync } from "node:fs";
import { ProxyAgent, fetch } from "undici";

const [proxy, authority, base, secret] = process.argv.slice(2);
const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: readFileSync(authority) } });
const ask = (path, rest = {}) => fetch(base + path, { dispatcher, ...rest });
const post = (body) => ask("/echo", { method: "POST", body: new URLSearchParams({ note: body }) });

const answers = {
  page: await ask("/page"),
  echo: await post("high water"),
  large: await ask("/large"),
  body: await post(secret),
  url: await ask(`/page?note=${secret}`),
  header: await ask("/page", { headers: { "x-note": secret } }),
  order: await ask("/order"),
};
const shown = {};
for (const [name, answer] of Object.entries(answers)) {
  const content = Buffer.from(await answer.arrayBuffer());
  shown[name] = {
    status: answer.status,
    mark: answer.headers.get("x-coldcase"),
    bytes: content.length,
    code: answer.status === 403 ? JSON.parse(content).error.code : null,
  };
}
console.log(JSON.stringify(shown));
await dispatcher.close();
