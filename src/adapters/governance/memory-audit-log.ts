import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import { chainStart } from "../../governance/audit/entry-line.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import { LogState } from "../../governance/audit/log-state.ts";
import { matchesFilter } from "../../governance/audit/matches-filter.ts";
import { leafHash, MerkleFrontier } from "../../governance/audit/merkle.ts";
import { planLines } from "../../governance/audit/plan-lines.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { Clock } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/hash.ts";

/** An audit log that lasts as long as the process, for tests: same entries, same facts, no files. */
export function createMemoryAuditLog(options: {
  readonly clock: Clock;
  /** Default: `autosd/memory`. */
  readonly origin?: string;
}): AuditLog {
  const log = new MemoryLog(options.clock, options.origin ?? "autosd/memory");
  let last: Promise<unknown> = Promise.resolve();
  return {
    transact: (work) => {
      const turn = last.then(() => log.transact(work));
      last = turn.catch(() => undefined);
      return turn;
    },
    facts: async () => log.facts(),
    entries: (filter) => log.entries(filter),
    entry: async (seq) => log.all[seq],
  };
}

class MemoryLog {
  readonly all: Entry[] = [];
  readonly #roots = [rootText(MerkleFrontier.empty())];
  readonly #frontier = MerkleFrontier.empty();
  readonly #clock: Clock;
  readonly #origin: string;
  #head = chainStart;

  constructor(clock: Clock, origin: string) {
    this.#clock = clock;
    this.#origin = origin;
  }

  readonly transact: AuditLog["transact"] = async (work) => {
    const { append, value } = await work(this.facts());
    const end = { size: this.all.length, head: this.#head, lastTimeMs: this.#lastTimeMs() };
    const lines = planLines(append, end, this.#clock.now());
    for (const { line, entry } of lines) {
      this.#frontier.append(leafHash(line));
      this.#roots.push(rootText(this.#frontier));
      this.all.push(entry);
      this.#head = sha256(line);
    }
    return { value, entries: lines.map(({ entry }) => entry) };
  };

  facts(): LogFacts {
    const size = this.all.length;
    const state = LogState.empty();
    for (const entry of this.all) state.apply(entry);
    return {
      origin: this.#origin,
      size,
      root: this.#roots[size] ?? "",
      lastTimeMs: this.#lastTimeMs(),
      rootAt: async (at) => (at <= size ? this.#roots[at] : undefined),
      issuedAt: (jti) => state.issuedAt(jti),
      signersOf: (jti) => state.signersOf(jti),
      isRevoked: (jti) => state.revokedAt(jti) !== undefined,
      revokedAt: (jti) => state.revokedAt(jti),
      recordedTrust: () => state.recordedTrust(),
      usageOf: (jti) => state.usageOf(jti),
      reservationOf: (idem) => state.reservationOf(idem),
      openReservationsOf: (jti) => state.openReservationsOf(jti),
      claimedReleases: () => state.claimedReleases(),
      claimedReinstatements: () => state.claimedReinstatements(),
      gatesOf: async (commit) => state.gatesOf(commit) ?? [],
      policyOf: (project) => state.policyOf(project),
      haltOf: (project) => state.haltOf(project),
      recordedHalt: (name) => state.recordedHalt(name),
    };
  }

  async *entries(filter: Parameters<AuditLog["entries"]>[0]): AsyncIterable<Entry> {
    const found = this.all.filter((entry) => matchesFilter(entry, filter));
    yield* filter.last === undefined ? found : found.slice(Math.max(0, found.length - filter.last));
  }

  #lastTimeMs(): number {
    const last = this.all.at(-1);
    return last === undefined ? 0 : Date.parse(last.ts);
  }
}

function rootText(frontier: MerkleFrontier): string {
  return Buffer.from(frontier.root()).toString("base64");
}
