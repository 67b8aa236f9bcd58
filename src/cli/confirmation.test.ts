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
  learn: [["--update-templates"], "learn.update"],
  "preauth release": [["8"], "grants.release"],
  "preauth init-keys": [["--replace-lost"], "keys.replaceLost"],
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

/**
 * `read` leaves nothing behind; `local` makes or stops something on this machine; `privileged` takes
 * an operator's signature or a grant, which is the deliberate act; `destructive` takes something away
 * and asks. A new command fails the test until somebody decides what it is.
 */
type Effect = "read" | "local" | "privileged" | "destructive";
const effects: Readonly<Record<string, Effect>> = {
  run: "local",
  refine: "local",
  "backlog show": "read",
  "backlog refine": "local",
  "sprint plan": "local",
  "sprint start": "local",
  "sprint review": "local",
  "sprint retro": "local",
  "sprint metrics": "read",
  "sprint run": "local",
  "runs list": "read",
  "runs show": "read",
  "runs resume": "local",
  "runs cancel": "destructive",
  "projects list": "read",
  "projects show": "read",
  "projects status": "read",
  "projects retire": "destructive",
  "preauth init-keys": "destructive",
  "preauth rotate-keys": "destructive",
  "preauth trust list": "read",
  "preauth trust add": "privileged",
  "preauth trust remove": "destructive",
  "preauth verify": "read",
  "preauth create-grant": "privileged",
  "preauth list": "read",
  "preauth show": "read",
  "preauth revoke": "local",
  "preauth reinstate": "privileged",
  "preauth approve": "privileged",
  "preauth delegate": "local",
  "preauth release": "destructive",
  "audit show": "read",
  "audit verify": "read",
  "audit prove": "read",
  "audit checkpoint": "read",
  "audit anchor add": "local",
  "audit anchor submit": "local",
  "audit witnesses": "local",
  "audit export": "read",
  "policy show": "read",
  "policy explain": "read",
  "policy test": "read",
  "policy replay": "read",
  "policy check": "read",
  halt: "local",
  resume: "privileged",
  learn: "destructive",
  push: "privileged",
  doctor: "read",
  "config show": "read",
  completion: "read",
  version: "read",
};

function leaves(): readonly Command[] {
  const program = buildProgram(createMemoryContext().context, async () => undefined);
  return everyCommand(program).filter((command) => command.commands.length === 0);
}

const takes = (command: Command, ...options: readonly string[]): boolean =>
  command.options.some((option) => options.includes(option.long ?? ""));

test("somebody decided of every command what it does to the world", () => {
  expect(leaves().map(commandPath).sort()).toEqual(Object.keys(effects).sort());
});

test("the commands that take --force are the destructive ones, and the table below has each", () => {
  const forced = leaves().filter((command) => takes(command, "--force"));
  const found = forced.map(commandPath).sort();
  expect(found).toEqual(
    Object.keys(effects)
      .filter((path) => effects[path] === "destructive")
      .sort(),
  );
  expect(found).toEqual(Object.keys(destructive).sort());
});

test("a command that is privileged takes a signer or a grant", () => {
  for (const command of leaves().filter((one) => effects[commandPath(one)] === "privileged"))
    expect([commandPath(command), takes(command, "--signer", "--preauth-grant")]).toEqual([
      commandPath(command),
      true,
    ]);
});

test("no command that only makes or reads something takes an operator's signature", () => {
  for (const command of leaves().filter((one) => takes(one, "--signer")))
    expect(["privileged", "destructive"]).toContain(effects[commandPath(command)]);
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

test.each([
  ["halt", "since stopping is free"],
  ["resume", "since an operator signs for it"],
])("'%s' never asks, %s", async (command) => {
  const calls: string[] = [];
  const line = [command, "--project", "tasks"];
  const { exitCode } = await runInMemory(line, watchedEngine(calls));
  expect([exitCode, calls]).toEqual([0, [`halts.${command}`, "close"]]);
});
