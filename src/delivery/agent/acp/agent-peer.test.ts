import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AgentPeer, type PeerLimits, RpcRefusal, usualPeerLimits } from "./agent-peer.ts";

interface Bench {
  readonly peer: AgentPeer;
  readonly said: string[];
  readonly notices: string[];
  readonly hear: (message: unknown) => void;
}

function bench(limits: Partial<PeerLimits> = {}, waitingBytes = 0): Bench {
  const said: string[] = [];
  const notices: string[] = [];
  const peer = new AgentPeer(
    {
      answer: (method) => (method === "ask" ? new Promise(() => undefined) : undefined),
      notice: (method) => void notices.push(method),
    },
    { ...usualPeerLimits, ...limits },
  );
  peer.begin({ waitingBytes, write: (text) => void said.push(text) });
  const hear = (message: unknown): void => {
    peer.hear(Buffer.from(`${JSON.stringify(message)}\n`));
  };
  return { peer, said, notices, hear };
}

const broken = { code: "AUTOSD-AGENT-PROTOCOL" };

describe("a conversation with an agent that nobody vouches for", () => {
  it("matches answers with questions, however the bytes are cut", async () => {
    const { peer } = bench();
    const [first, second] = [peer.request("a", {}), peer.request("b", {})];
    const text = `{"jsonrpc":"2.0","id":2,"result":"zwei ü"}\r\n\n{"jsonrpc":"2.0","id":1,"result":{}}\n`;
    for (const byte of Buffer.from(text)) peer.hear(Uint8Array.of(byte));
    expect(await Promise.all([first, second])).toEqual([{}, "zwei ü"]);
  });

  it("tells a refusal from the end of the conversation", async () => {
    const { peer, hear } = bench();
    const [refused, cut] = [peer.request("a", {}), peer.request("b", {})];
    hear({ jsonrpc: "2.0", id: 1, error: { code: -32_000, message: "log in\u001b[31m" } });
    peer.close(new Error("gone"));
    await expect(refused).rejects.toMatchObject({ code: -32_000, message: "log in [31m" });
    await expect(refused).rejects.toBeInstanceOf(RpcRefusal);
    await expect(cut).rejects.toThrow("gone");
    await expect(peer.request("c", {})).rejects.toThrow("gone");
  });

  it("says that there is no such method, with the id as it was given", () => {
    const { said, hear } = bench();
    hear({ jsonrpc: "2.0", id: "x-1", method: "fs/read_text_file", params: { path: "/etc" } });
    expect(JSON.parse(said[0] ?? "")).toMatchObject({ id: "x-1", error: { code: -32_601 } });
  });

  it.each<[string, Partial<PeerLimits>, (one: Bench) => void]>([
    ["a message too long", { maxLineBytes: 100 }, ({ hear }) => hear("x".repeat(200))],
    [
      "too much in all",
      { maxTotalBytes: 100 },
      ({ hear }) => [1, 2, 3].forEach(() => hear("x".repeat(50))),
    ],
    [
      "too many stray lines",
      { maxStrayLines: 2 },
      ({ hear }) => [1, 2, 3].forEach(() => hear("hi")),
    ],
    [
      "too many questions at once",
      { maxOpenRequests: 2 },
      ({ hear }) => [1, 2, 3].forEach((id) => hear({ jsonrpc: "2.0", id, method: "ask" })),
    ],
  ])("ends it for %s", async (_, limits, act) => {
    const one = bench(limits);
    const pending = one.peer.request("a", {});
    act(one);
    await expect(pending).rejects.toMatchObject(broken);
  });

  it("ends it with who does not read", async () => {
    const { peer } = bench({ maxWaitingBytes: 10 }, 11);
    await expect(peer.request("a", {})).rejects.toMatchObject(broken);
  });

  it("throws for nothing that anybody says, and answers nothing that was not asked", () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record(
          { jsonrpc: fc.constant("2.0"), id: fc.jsonValue(), result: fc.jsonValue() },
          { requiredKeys: ["jsonrpc"] },
        )
        .map((one) => JSON.stringify(one)),
      fc
        .record({ jsonrpc: fc.constant("2.0"), method: fc.string(), params: fc.jsonValue() })
        .map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const { peer, said } = bench();
        for (const one of lines) peer.hear(Buffer.from(`${one}\n`));
        expect(said).toEqual([]);
      }),
    );
  });
});
