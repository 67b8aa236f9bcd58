import type { ProcessEnd } from "../../kernel/process.ts";
import { constants } from "node:os";
import { z } from "zod";

/** What the trusted part inside a sandbox wrote down, out of the command's reach. */
export interface RunStatus {
  /** Host id of the sandbox's process 1 and its process namespace. */
  readonly init: { readonly pid: number; readonly namespace: string } | undefined;
  /** bubblewrap only: everything trusted is done, the command runs. */
  readonly started: boolean;
  readonly end: ProcessEnd | undefined;
  /** Why the sandbox could not be built; the command was not run. */
  readonly failure: string | undefined;
}

/**
 * Reads status lines: `pid 7 pid:[1]`, `started`, `exit 0`, `signal 9`, `not-started ...`, `failed ...`, and
 * bubblewrap's JSON. Once the command has started, no word can unsay it.
 */
export function parseStatus(text: string): RunStatus {
  let status: RunStatus = { init: undefined, started: false, end: undefined, failure: undefined };
  for (const line of text.split("\n")) status = { ...status, ...factOf(line, status) };
  return status;
}

/** What one line adds; the first word on a subject stands. */
function factOf(line: string, known: RunStatus): Partial<RunStatus> {
  const [word = "", first = "", second = ""] = line.split(" ");
  const rest = line.slice(word.length + 1);
  switch (word) {
    case "{":
      return { init: known.init ?? bubblewrapInit(line) };
    case "pid":
      return { init: known.init ?? { pid: Number(first), namespace: second } };
    case "started":
      return { started: true };
    case "exit":
      return { end: known.end ?? { kind: "exited", exitCode: Number(first) } };
    case "signal": {
      const signal = signalName(Number(first)) ?? `signal ${first}`;
      return { end: known.end ?? { kind: "signalled", signal } };
    }
    case "not-started":
      return known.started ? {} : { end: known.end ?? { kind: "not-started", reason: rest } };
    case "failed":
      return known.started ? {} : { failure: known.failure ?? rest };
    default:
      return {};
  }
}

const bubblewrapFacts = z.object({ "child-pid": z.number(), "pid-namespace": z.number() });

function bubblewrapInit(line: string): RunStatus["init"] {
  try {
    const facts = bubblewrapFacts.parse(JSON.parse(line));
    return { pid: facts["child-pid"], namespace: `pid:[${facts["pid-namespace"]}]` };
  } catch {
    return undefined;
  }
}

/** `SIGKILL` for 9; `undefined` for a number that is no signal of this machine. */
export function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
