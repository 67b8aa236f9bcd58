import { describe, expect, it } from "vitest";
import type { AgentEvent, ImplementationTask, Implementer } from "./implementer.port.ts";

/** A story that the implementer can build, in a workspace of its own. */
export interface ImplementerCase {
  readonly implementer: Implementer;
  readonly task: ImplementationTask;
  /** The same task in a fresh workspace of the same base tree. */
  readonly again: () => Promise<ImplementationTask>;
}

async function eventsOf(
  implementer: Implementer,
  task: ImplementationTask,
  signal = new AbortController().signal,
): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of implementer.implement(task, signal)) events.push(event);
  return events;
}

async function filesOf(task: ImplementationTask): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const path of await task.workspace.list())
    files.set(path, Buffer.from((await task.workspace.read(path)) ?? []).toString("base64"));
  return files;
}

/** What every implementer keeps. `start` is called once a test. */
export function implementerContract(name: string, start: () => Promise<ImplementerCase>): void {
  describe(`${name} is an implementer`, () => {
    it("ends with exactly one last word, after any progress", async () => {
      const { implementer, task } = await start();
      const kinds = (await eventsOf(implementer, task)).map((event) => event.kind);
      expect(kinds.at(-1)).not.toBe("progress");
      expect(kinds.slice(0, -1).every((kind) => kind === "progress")).toBe(true);
    });

    it("proposes a change that is in the workspace, with the tests that it names", async () => {
      const { implementer, task } = await start();
      const before = await filesOf(task);
      const last = (await eventsOf(implementer, task)).at(-1);
      expect(last?.kind).toBe("proposal");
      if (last?.kind !== "proposal") return;
      const after = await filesOf(task);
      expect(after).not.toEqual(before);
      for (const path of last.proposal.acceptanceTests) expect([...after.keys()]).toContain(path);
    });

    it("does the same again when it is asked the same, unless a model is behind it", async () => {
      const { implementer, task, again } = await start();
      const first = await eventsOf(implementer, task);
      const second = await again();
      const events = await eventsOf(implementer, second);
      if (implementer.kind === "model" || implementer.kind === "acp") return;
      expect(events).toEqual(first);
      expect(await filesOf(second)).toEqual(await filesOf(task));
    });

    it("does not go on when it is told to stop", async () => {
      const { implementer, task } = await start();
      const stop = new AbortController();
      stop.abort();
      const ended = await eventsOf(implementer, task, stop.signal).catch((error: unknown) => error);
      const words = Array.isArray(ended) ? (ended as readonly AgentEvent[]) : [];
      expect(words.some((event) => event.kind === "proposal")).toBe(false);
    });
  });
}
