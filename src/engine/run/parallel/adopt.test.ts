import { expect, it } from "vitest";
import type { ImplementationTask } from "../../../delivery/agent/implementer.port.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import { adoptFetched } from "./adopt.ts";
import type { Fetched, FetchParts } from "./fetch.ts";

const denial = { code: "AUTOSD-NETWORK-DENIED", action: "a connection to a.example", remedy: "no" };
const denied: Read = { kind: "command", inputs: undefined, isDenied: true };
const ran: Read = { kind: "command", inputs: undefined };
const parts = {
  vcs: { changes: async () => [{ path: "other.txt", kind: "added" }] },
} as unknown as FetchParts;
const task = { workspace: { baseTree: "two" }, run: { directory: "/p" } } as ImplementationTask;

async function decided(
  reads: readonly Read[],
  isDenied: boolean,
  rule: "read-set" | "workspace" = "read-set",
): Promise<string> {
  const failed = { kind: "failed", reason: "it gave up", retryable: !isDenied } as const;
  const last = isDenied ? { ...failed, denial } : failed;
  const base = { baseTree: "one", progress: [], tree: undefined, durationMs: 1 };
  const fetched: Fetched = { ...base, reads, last };
  const settings = { rule, allowStale: false };
  const { signal } = new AbortController();
  return (await adoptFetched(parts, settings, { task, fetched }, signal)).decision;
}

it("does not ask again at its turn what a command showed to be denied, whatever was committed since", async () => {
  expect(await decided([denied], true)).toBe("used");
  expect(await decided([denied, { kind: "file", path: "mine.txt" }], true)).toBe("used");
});

it("asks again where something else has changed that it had seen, or where any change counts", async () => {
  expect(await decided([denied, { kind: "file", path: "other.txt" }], true)).toBe("stale");
  expect(await decided([denied, ran], true)).toBe("stale");
  expect(await decided([denied], false)).toBe("stale");
  expect(await decided([denied], true, "workspace")).toBe("stale");
});
