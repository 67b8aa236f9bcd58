import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import type { LogFinding, LogVerification } from "../../governance/audit/log-verification.ts";
import { GovernanceError } from "../../governance/errors.ts";
import {
  type RecordedTrust,
  recordedTrustSchema,
  refuseUnrecordedTrust,
  successionOf,
} from "../../governance/keys/recorded-trust.ts";
import type { OpenedTrust } from "../../governance/keys/trust-list.ts";

const maxNamed = 20;

/**
 * The verification of a log, and who made the trust lists in it: each was handed over by an operator
 * of the list before, is the first one, or says that it is a recovery; then who made it is not
 * established. An entry that pretends otherwise is a failure, and so is a list in use that is not the
 * one of the log. A log whose lines do not hold is not asked.
 */
export async function withSuccession(
  verified: LogVerification,
  log: Pick<AuditLog, "entries" | "facts">,
  inUse: OpenedTrust | undefined,
): Promise<LogVerification> {
  const isReadable = verified.failures.every(({ part }) => part === "statement");
  if (!isReadable || verified.size === 0) return verified;
  const reading = new SuccessionReading();
  for await (const entry of log.entries({ kind: "trust.change" })) {
    if (entry.seq >= verified.size) break;
    reading.take(entry);
  }
  const found = [...reading.failures, ...(await foreignList(log, inUse))];
  const { handedOver } = reading;
  const said = `Each of ${handedOver} changes of the trust list was signed by an operator of the list before.`;
  const isSaid = found.length === 0 && handedOver > 0 && verified.failures.length === 0;
  return {
    ...verified,
    failures: [...verified.failures, ...found],
    established: isSaid ? [...verified.established, said] : verified.established,
    notEstablished: [...verified.notEstablished, ...reading.recoveries],
  };
}

/** The entries about the trust list, in their order. */
class SuccessionReading {
  readonly failures: LogFinding[] = [];
  /** Sentences, the first ones. */
  readonly recoveries: string[] = [];
  handedOver = 0;
  /** Null: the newest entry did not say which list it was about. */
  #record: RecordedTrust | null | undefined;

  take({ seq, ts, action, details }: Entry): void {
    const parsed = recordedTrustSchema.safeParse(details?.["trust"]);
    if (!parsed.success) {
      this.#record = null;
      this.#fail(seq, "it does not say which list it is about");
      return;
    }
    const atS = Math.floor(Date.parse(ts) / 1_000);
    const succession = successionOf(this.#record, parsed.data, { action, atS });
    if (succession.kind === "refused") {
      this.#fail(seq, succession.problem);
      return;
    }
    this.#record = parsed.data;
    if (succession.kind === "handed-over") this.handedOver += 1;
    if (succession.kind === "recovered" && this.recoveries.length < maxNamed)
      this.recoveries.push(
        `That the trust list of entry ${seq} (${ts}) is an operator's: it was recovered without a signature of the list before.`,
      );
  }

  #fail(seq: number, problem: string): void {
    if (this.failures.length >= maxNamed) return;
    const message = `entry ${seq} (trust.change) is not an operator's word: ${problem}`;
    this.failures.push({ part: "statement", seq, message });
  }
}

/** The list of this machine, when the log records another. */
async function foreignList(
  log: Pick<AuditLog, "facts">,
  inUse: OpenedTrust | undefined,
): Promise<readonly LogFinding[]> {
  if (inUse === undefined) return [];
  try {
    refuseUnrecordedTrust(inUse, (await log.facts()).recordedTrust());
    return [];
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return error.code === "AUTOSD-PREAUTH-STORE"
      ? [{ part: "statement", seq: undefined, message: error.message }]
      : [];
  }
}
