import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { startModelServer } from "../../../test/support/model-server/server.ts";
import { say } from "../../../test/support/model-server/script.ts";
import type { ModelSettings } from "../../engine/ports/providers.port.ts";
import { findLocalServer } from "./local-servers.ts";
import { settleProvider, type Surroundings } from "./settle-provider.ts";

const nothing: ModelSettings = {
  model: null,
  plannerModel: null,
  baseUrl: null,
  keyFile: null,
  waitForResetSeconds: null,
  maxCostUsd: null,
  maxTokens: null,
};
const ollama = { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1", model: "qwen" };

function around(more: Partial<Surroundings> = {}): Surroundings {
  return { keyVariable: () => undefined, localServer: async () => undefined, ...more };
}

describe("auto", () => {
  test("is blueprint where there is neither a model nor a server", async () => {
    const settled = await settleProvider(nothing, around());
    expect(settled).toMatchObject({
      provider: "blueprint",
      why: expect.stringContaining("no ") as string,
    });
  });

  test("says so where a key is there and no model is named", async () => {
    const keyVariable = (one: string): string | undefined =>
      one === "anthropic" ? "ANTHROPIC_API_KEY" : undefined;
    const settled = await settleProvider(nothing, around({ keyVariable }));
    expect(settled).toMatchObject({
      provider: "blueprint",
      why: expect.stringMatching(
        /^ANTHROPIC_API_KEY is set, but no model .*--model NAME/,
      ) as string,
    });
  });

  test("takes a server of this machine with the model that it lists, and says so", async () => {
    const settled = await settleProvider(nothing, around({ localServer: async () => ollama }));
    expect(settled.provider).toBe("openai-compatible");
    expect(settled.models).toMatchObject({ model: "qwen", baseUrl: ollama.baseUrl });
    expect(settled.why).toContain("Ollama answers at");
  });

  test.each([
    ["claude-large", "anthropic"],
    ["gpt-large", "openai"],
    ["gemini-large", "google"],
    ["own-model", "openai"],
  ])(
    "takes %s from %s when its key is there, without asking this machine",
    async (model, provider) => {
      const settled = await settleProvider(
        { ...nothing, model },
        around({
          keyVariable: (one) => `${one}_KEY`,
          localServer: async () => {
            throw new Error("nobody asked for it");
          },
        }),
      );
      expect(settled.provider).toBe(provider);
      expect(settled.why).toContain(`${provider}_KEY`);
    },
  );

  test("takes the configured address before any key", async () => {
    const models = { ...nothing, model: "gpt-large", baseUrl: "http://127.0.0.1:1/v1" };
    const settled = await settleProvider(models, around({ keyVariable: () => "KEY" }));
    expect(settled.provider).toBe("openai-compatible");
  });

  test.each([
    ["a model without a key", { model: "gpt-large" }],
    ["an address without a model", { baseUrl: "http://127.0.0.1:1/v1" }],
    ["a key without a model", { keyFile: "/key" }],
  ])("refuses %s instead of building without one", async (_what, more) => {
    await expect(settleProvider({ ...nothing, ...more }, around())).rejects.toMatchObject({
      code: "AUTOSD-MODEL-UNCONFIGURED",
    });
  });
});

describe("a server of this machine", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });

  async function models(ids: readonly string[]): Promise<number> {
    const server = await startModelServer(() => say(""), { models: ids });
    closing.push(() => server.close());
    return Number(new URL(server.url).port);
  }

  async function other(answer: (server: Server) => void): Promise<number> {
    const server = createServer();
    answer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );
    return (server.address() as AddressInfo).port;
  }

  test("is the first place that lists a model that writes", async () => {
    const silent = await other((server) => server.on("request", () => undefined));
    const page = await other((server) =>
      server.on("request", (_request, response) => response.end("<html></html>")),
    );
    const port = await models(["nomic-embed-text", "coder"]);
    const places = [
      ["silent", silent],
      ["page", page],
      ["good", port],
    ] as const;
    // Asked with more patience when a busy machine needs it: the silent one takes all of it.
    let found = await findLocalServer({ timeoutMs: 250, places });
    for (const timeoutMs of [2_000, 16_000]) found ??= await findLocalServer({ timeoutMs, places });
    expect(found).toEqual({ name: "good", baseUrl: `http://127.0.0.1:${port}/v1`, model: "coder" });
  });

  test("is none when nobody answers in time", async () => {
    const silent = await other((server) => server.on("request", () => undefined));
    expect(await findLocalServer({ timeoutMs: 100, places: [["silent", silent]] })).toBeUndefined();
  });
});
