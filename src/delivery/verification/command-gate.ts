import type { ProcessResult } from "../../kernel/process.ts";
import type { Judgement } from "./evidence.ts";
import { firstProblem, lastWords } from "./first-problem.ts";
import { brokenEnd, outputOf } from "./tests-gate.ts";
import type { CommandGate, GateName } from "./toolchain.ts";

const greenWords: Partial<Record<GateName, string>> = {
  format: "the files are formatted",
  lint: "no problem found",
  types: "the types fit",
};

/** Judges a command by its exit code; the finding is the first problem that it named. */
export function judgeCommand(gate: CommandGate, result: ProcessResult): Judgement {
  const exitCode = result.end.kind === "exited" ? result.end.exitCode : null;
  const base = {
    command: gate.command,
    exitCode,
    output: outputOf(gate.command, result),
  };
  const broken = brokenEnd(result);
  if (broken !== undefined) return { ...base, verdict: "red", finding: broken };
  if (exitCode === 0)
    return { ...base, verdict: "green", finding: greenWords[gate.name] ?? "exit code 0" };
  const text = `${result.stdout}\n${result.stderr}`;
  const finding = firstProblem(text) ?? `exit code ${exitCode ?? "none"}: ${lastWords(text)}`;
  return { ...base, verdict: "red", finding };
}

/** A gate whose command proves nothing is red without being run. */
export function judgeRefusal(gate: CommandGate, refusal: string): Judgement {
  return {
    verdict: "red",
    command: gate.command,
    exitCode: null,
    finding: refusal,
    output: `not run: ${refusal}\n`,
  };
}
