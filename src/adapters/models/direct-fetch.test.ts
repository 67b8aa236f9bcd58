import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { createDirectFetch } from "./direct-fetch.ts";

const ask = createDirectFetch();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/say?a=b`;
}

test("method, path, headers and text arrive; status, headers and text come back", async () => {
  const seen: unknown[] = [];
  const url = await serving((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { authorization, "content-type": type } = request.headers;
      seen.push(request.method, request.url, authorization, type, text);
      response.writeHead(503, { "retry-after": "7", "set-cookie": ["a=1", "b=2"] });
      response.end("später");
    });
  });
  let sent = 0;
  const answer = await createDirectFetch(() => (sent += 1))(url, {
    method: "POST",
    headers: { Authorization: "Bearer k", "Content-Type": "application/json" },
    body: '{"größe":1}',
  });
  expect(seen).toEqual(["POST", "/v1/say?a=b", "Bearer k", "application/json", '{"größe":1}']);
  expect([answer.status, answer.headers.get("retry-after"), sent]).toEqual([503, "7", 1]);
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(await answer.text()).toBe("später");
});

test("headers of every form are sent", async () => {
  const url = await serving((request, response) => response.end(String(request.headers["x-one"])));
  const pairs: [string, string][] = [["X-one", "1"]];
  for (const headers of [{ "X-One": "1" }, new Headers({ "x-one": "1" }), pairs])
    expect(await (await ask(url, { headers })).text()).toBe("1");
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["identity", (text: string) => Buffer.from(text)],
] as const)("an answer in %s is decoded", async (coding, encode) => {
  const url = await serving((_request, response) => {
    response.setHeader("content-encoding", coding);
    response.end(encode("word ".repeat(1000)));
  });
  expect(await (await ask(url)).text()).toBe("word ".repeat(1000));
});

test("a redirect is handed back, never followed", async () => {
  let asked = 0;
  const url = await serving((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const answer = await ask(url);
  expect([answer.status, asked]).toEqual([302, 1]);
});

test("an answer without a body is one", async () => {
  const url = await serving((_request, response) => response.writeHead(204).end());
  const answer = await ask(url);
  expect([answer.status, answer.body]).toEqual([204, null]);
});

test.each(["plain", "gzip"])("a %s answer that breaks off is an error when read", async (kind) => {
  const url = await serving((_request, response) => {
    const begun = kind === "gzip" ? gzipSync(Buffer.alloc(9_999, "a")).subarray(0, 20) : "begun";
    response.writeHead(200, kind === "gzip" ? { "content-encoding": "gzip" } : {});
    response.write(begun, () => response.destroy());
  });
  const answer = await ask(url);
  await expect(answer.text()).rejects.toThrow();
});

test("nobody there is said in the system's words", async () => {
  const url = await serving(() => undefined);
  servers[0]?.close();
  await expect(ask(url)).rejects.toThrow(/ECONNREFUSED/);
});

test("a connection that is closed without a word is an error", async () => {
  const url = await serving((request) => request.destroy());
  await expect(ask(url, { method: "POST", body: "{}" })).rejects.toThrow(/hang up|ECONNRESET/);
});

test("aborting ends the request before, while waiting for and while reading the answer", async () => {
  const waiting = await serving(() => undefined);
  const early = AbortSignal.abort();
  await expect(ask(waiting, { signal: early })).rejects.toThrow(/abort/i);
  const late = new AbortController();
  const asked = createDirectFetch(() => late.abort())(waiting, { signal: late.signal });
  await expect(asked).rejects.toThrow(/abort/i);
  const reading = new AbortController();
  const begun = await serving((_request, response) => void response.write("begun"));
  const answer = await ask(begun, { signal: reading.signal });
  reading.abort();
  await expect(answer.text()).rejects.toThrow(/abort/i);
});
