import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { anyReachable } from "./registry-reach.ts";

const { signal } = new AbortController();

it("tells a registry that answers from one that does not", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await anyReachable([`127.0.0.1:${port}`], signal)).toBe(true);
  expect(await anyReachable(["127.0.0.1:1", `127.0.0.1:${port}`], signal)).toBe(true);
  server.close();
  await once(server, "close");
  expect(await anyReachable([`127.0.0.1:${port}`], signal)).toBe(false);
});

it.each([[[]], [["nonsense"]], [["host:0"]], [["host:99999"]]])(
  "reaches nothing at %j",
  async (hosts) => {
    expect(await anyReachable(hosts, signal)).toBe(false);
  },
);
