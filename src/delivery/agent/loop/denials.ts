import { type Denial, denialWords } from "../../backlog/denial.ts";
import type { AgentEvent } from "../implementer.port.ts";
import { denialErrors } from "./errors.ts";
import { clean } from "./redact-answer.ts";

type Failed = Extract<AgentEvent, { readonly kind: "failed" }>;

/** Hosts that are named in one denial. */
const maxHosts = 3;

/** More of them tell a person no more. */
const maxDenials = 10;

/** What a command could not reach. */
export function deniedNetwork(hosts: readonly string[]): Denial | undefined {
  if (hosts.length === 0) return undefined;
  const code = "AUTOSD-NETWORK-DENIED";
  const action = clean(`a connection to ${hosts.slice(0, maxHosts).join(", ")}`);
  return { code, action, remedy: denialErrors[code].remedy };
}

/** A path that the workspace refuses; `why` is the workspace's word for it. */
export function deniedPath(why: string): Denial {
  const code = "AUTOSD-PATH-DENIED";
  return { code, action: clean(why), remedy: denialErrors[code].remedy };
}

/** A denial as the model is told of it: that asking again changes nothing is half of it. */
export function toldDenial({ code, action }: Denial): string {
  return `Denied (${code}): ${action}. Nobody is asked, and asking again changes nothing. Do what the story needs without it.`;
}

/**
 * Remembers the last denial of an attempt for as long as nothing was changed after it: then it is
 * why the attempt came to nothing. Whoever found another way and failed on that was not stopped by it.
 */
export class AttemptDenials {
  readonly #all = new Map<string, Denial>();
  #last: { readonly denial: Denial; readonly state: string } | undefined;

  /** Each once, in the order in which they first came; what was done without them is not said here. */
  get all(): readonly Denial[] {
    return [...this.#all.values()];
  }

  /** `state` names the files as they are when it is denied. */
  note(denial: Denial | undefined, state: string): void {
    if (denial === undefined) return;
    this.#last = { denial, state };
    if (this.#all.size < maxDenials) this.#all.set(`${denial.code} ${denial.action}`, denial);
  }

  /** The failure of an attempt that gave up with its files in `state`, with the denial that it ended on. */
  explain(end: Failed, state: string): Failed {
    if (this.#last?.state !== state) return end;
    const { denial } = this.#last;
    const reason = `${denialWords(denial)} (${end.reason})`;
    // Not tried again, and no sign of going in circles: the next story may need nothing of the kind.
    return { kind: "failed", reason, retryable: false, denial };
  }
}
