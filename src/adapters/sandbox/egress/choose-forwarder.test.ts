import { expect, it } from "vitest";
import type { ProcessResult } from "../../../kernel/process.ts";
import { chooseForwarder } from "./choose-forwarder.ts";

const usual = { program: "/usr/bin/node", script: "/s/forwarder.cjs" };
const facts = { stdout: "", stderr: "", durationMs: 1, truncated: false };

it.each([
  ["takes Perl where it starts", { kind: "exited", exitCode: 0 }, "/usr/bin/perl"],
  ["takes Node where Perl is broken", { kind: "exited", exitCode: 2 }, usual.program],
  ["takes Node where there is no Perl", { kind: "not-started", reason: "ENOENT" }, usual.program],
  ["takes Node where Perl does not end", { kind: "timed-out" }, usual.program],
] as const)("%s", async (_name, end, program) => {
  const runner = { run: async (): Promise<ProcessResult> => ({ ...facts, end }) };
  const chosen = await chooseForwarder(runner, { quick: "/s/forwarder.pl", usual });
  expect(chosen.program).toBe(program);
});
