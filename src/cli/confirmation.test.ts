import type { Command } from "commander";
import { expect, test } from "vitest";
import type { Autosd } from "../engine/autosd.ts";
import { answeringEngine } from "./example-answers.ts";
import { createMemoryContext, runInMemory } from "./memory-context.ts";
import { buildProgram } from "./program.ts";
import { commandPath } from "./usage.ts";

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

const kid = "k".repeat(43);
/** What each destructive command is called with, and the call of the engine that it must not reach. */
const destructive: Readonly<Record<string, readonly [args: readonly string[], call: string]>> = {
  "runs cancel": [["run_01"], "runs.cancel"],
  "projects retire": [["tasks"], "projects.retire"],
  resume: [["--project", "tasks"], "halts.resume"],
  "preauth release": [["8"], "grants.release"],
  "preauth rotate-keys": [[], "keys.rotate"],
  "preauth trust remove": [[kid], "keys.trustRemove"],
};

/** Has an answer to everything and notes what was called. */
function watchedEngine(calls: string[]): Autosd {
  const watch = (target: object, path: string): object =>
    new Proxy(target, {
      get: (owner, name: string) => {
        const member: unknown = Reflect.get(owner, name);
        const at = path === "" ? name : `${path}.${name}`;
        if (typeof member === "function")
          return (...args: unknown[]): unknown => {
            calls.push(at);
            return Reflect.apply(member, owner, args);
          };
        return typeof member === "object" && member !== null ? watch(member, at) : member;
      },
    });
  return watch(answeringEngine(), "") as Autosd;
}

test("every command that takes --force is in the table below", () => {
  const program = buildProgram(createMemoryContext().context, async () => undefined);
  const forced = everyCommand(program)
    .filter((command) => command.options.some((option) => option.long === "--force"))
    .map((command) => commandPath(command));
  expect(forced.sort()).toEqual(Object.keys(destructive).sort());
});

test.each(Object.entries(destructive))(
  "'%s' asks before it acts, takes --force for an answer, and refuses when nobody is there",
  async (path, [args, call]) => {
    const line = [...path.split(" "), ...args];
    const run = async (words: readonly string[], terminal: Parameters<typeof runInMemory>[2]) => {
      const calls: string[] = [];
      const result = await runInMemory(words, watchedEngine(calls), terminal);
      return { ...result, acted: calls.includes(call) };
    };
    for (const alone of [line, [...line, "--json"]]) {
      const refused = await run(alone, {});
      expect(refused).toMatchObject({ exitCode: 2, acted: false });
      expect(refused.stdout + refused.stderr).toContain("AUTOSD-CONFIRMATION-REQUIRED");
      expect(refused.stdout + refused.stderr).toContain("--force");
    }
    const declined = await run(line, { isTerminal: true, answer: "n" });
    expect(declined).toMatchObject({ exitCode: 3, acted: false });
    expect(declined.stderr).toContain("AUTOSD-DECLINED");
    expect((await run(line, { isTerminal: true, answer: "y" })).acted).toBe(true);
    expect((await run([...line, "--force"], {})).acted).toBe(true);
  },
);

test("halting never asks: stopping is free", async () => {
  const calls: string[] = [];
  const { exitCode } = await runInMemory(["halt", "--project", "tasks"], watchedEngine(calls));
  expect([exitCode, calls]).toEqual([0, ["halts.halt", "close"]]);
});
