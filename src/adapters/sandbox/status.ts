import type { ProcessEnd } from "../../kernel/process.ts";
import { constants } from "node:os";

/** What the trusted part inside a sandbox wrote down, out of the command's reach. */
export interface RunStatus {
  /** Host id of the sandbox's process 1 and its process namespace. */
  readonly init: { readonly pid: number; readonly namespace: string } | undefined;
  readonly end: ProcessEnd | undefined;
  /** Why the sandbox could not be built; the command was not run. */
  readonly failure: string | undefined;
}

/** Reads status lines (`pid 7 pid:[1]`, `exit 0`, `signal 9`, `not-started ...`, `failed ...`). */
export function parseStatus(text: string): RunStatus {
  let init: RunStatus["init"];
  let end: ProcessEnd | undefined;
  let failure: string | undefined;
  for (const line of text.split("\n")) {
    const [word = "", first = "", second = ""] = line.split(" ");
    const rest = line.slice(word.length + 1);
    if (word === "pid" && Number(first) > 1) init = { pid: Number(first), namespace: second };
    else if (word === "exit") end ??= { kind: "exited", exitCode: Number(first) };
    else if (word === "signal") end ??= { kind: "signalled", signal: signalName(Number(first)) };
    else if (word === "not-started") end = { kind: "not-started", reason: rest };
    else if (word === "failed") failure ??= rest;
    else if (word === "helper-not-started") failure ??= `the egress helper: ${rest}`;
  }
  return { init, end, failure };
}

/** `SIGKILL` for 9. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
