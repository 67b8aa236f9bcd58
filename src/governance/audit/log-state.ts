import { GovernanceError } from "../errors.ts";
import { type RecordedTrust, recordedTrustSchema } from "../keys/recorded-trust.ts";
import type {
  GateEvidence,
  GrantUsage,
  RecordedHalt,
  RecordedSigner,
  Reservation,
} from "../grants/log-facts.ts";
import type { Entry } from "./entry.ts";
import { type StateRecord, expiredGrantKeptMs } from "./state-record.ts";

/** Settled and released reservations that are remembered, newest last. */
const maxClosed = 512;
/** Entries that are remembered to lift one halt: a forged one must not push out the operator's. */
const maxLifts = 16;
/** Commits whose gates are remembered, newest last. */
const maxCommits = 256;

type GrantState = StateRecord["grants"][number];
type OpenState = StateRecord["open"][number];
type ClosedState = StateRecord["closed"][number];

/**
 * What the entries so far add up to: all that the check of an action needs to know, without reading
 * the log. Its size is bounded by what is in force, not by the length of the log.
 */
export class LogState {
  readonly #grants = new Map<string, GrantState>();
  readonly #revoked = new Map<string, number>();
  readonly #open = new Map<number, OpenState>();
  /** By idem, in the order of their end. */
  readonly #closed = new Map<string, ClosedState>();
  readonly #halts = new Map<string, RecordedHalt>();
  readonly #gates = new Map<string, readonly GateEvidence[]>();
  #trust: StateRecord["trust"] = null;

  static empty(): LogState {
    return new LogState();
  }

  static fromRecord(record: StateRecord): LogState {
    const state = new LogState();
    for (const grant of record.grants) state.#grants.set(grant.jti, grant);
    for (const { jti, seq } of record.revoked) state.#revoked.set(jti, seq);
    for (const open of record.open) state.#open.set(open.seq, open);
    for (const closed of record.closed) state.#closed.set(closed.idem, closed);
    for (const { project, ...halt } of record.halts) state.#halts.set(project, halt);
    for (const { commit, gates } of record.gates) state.#gates.set(commit, gates);
    state.#trust = record.trust;
    return state;
  }

  /** As data. Leaves out grants that expired long before `nowMs`: an expired grant allows nothing. */
  toRecord(nowMs: number): StateRecord {
    const isKept = (grant: GrantState): boolean =>
      grant.exp === null || grant.exp * 1_000 + expiredGrantKeptMs >= nowMs;
    return {
      grants: [...this.#grants.values()].filter(isKept),
      revoked: [...this.#revoked].map(([jti, seq]) => ({ jti, seq })),
      open: [...this.#open.values()],
      closed: [...this.#closed.values()],
      trust: this.#trust,
      halts: [...this.#halts].map(([project, { seq, reason, lifts }]) => ({
        project,
        seq,
        reason,
        lifts: lifts.map((lift) => ({ ...lift })),
      })),
      gates: [...this.#gates].map(([commit, gates]) => ({ commit, gates: [...gates] })),
    };
  }

  /** Takes in the next entry of the log. Entries that refer to nothing change nothing. */
  apply(entry: Entry): void {
    switch (entry.kind) {
      case "reserve": {
        this.#reserve(entry);
        return;
      }
      case "settle": {
        this.#settle(entry);
        return;
      }
      case "release": {
        this.#release(entry);
        return;
      }
      case "evidence": {
        this.#recordGates(entry);
        return;
      }
      case "halt":
        this.#halts.set(entry.project ?? "*", {
          seq: entry.seq,
          reason: entry.reason ?? "",
          lifts: [],
        });
        return;
      case "resume": {
        this.#resume(entry);
        return;
      }
      case "grant.issue": {
        this.#issue(entry);
        return;
      }
      case "grant.approve": {
        this.#recordSigners(entry);
        return;
      }
      case "grant.revoke":
        if (entry.grant !== undefined) this.#revoked.set(entry.grant.jti, entry.seq);
        return;
      case "grant.reinstate":
        if (entry.grant !== undefined) this.#revoked.delete(entry.grant.jti);
        return;
      case "trust.change": {
        const parsed = recordedTrustSchema.safeParse(entry.details?.["trust"]);
        this.#trust = { seq: entry.seq, recorded: parsed.success ? parsed.data : null };
        return;
      }
      default:
        return;
    }
  }

  issuedAt(jti: string): number | undefined {
    return this.#grants.get(jti)?.issuedAt ?? undefined;
  }

  signersOf(jti: string): readonly RecordedSigner[] {
    return this.#grants.get(jti)?.signers ?? [];
  }

  isRevoked(jti: string): boolean {
    return this.#revoked.has(jti);
  }

  /** Throws AUTOSD-AUDIT-TAMPERED when the newest entry about the list says nothing of it. */
  recordedTrust(): RecordedTrust | undefined {
    if (this.#trust === null) return undefined;
    const { seq, recorded } = this.#trust;
    if (recorded !== null) return recorded;
    throw new GovernanceError(
      "AUTOSD-AUDIT-TAMPERED",
      `Entry ${seq} of the audit log does not say which trust list it is about.`,
      { details: { seq } },
    );
  }

  usageOf(jti: string): GrantUsage {
    const grant = this.#grants.get(jti);
    return {
      uses: grant?.uses ?? 0,
      spendMicrousd: grant?.spendMicrousd ?? 0,
      lastReservedAtMs: grant?.lastReservedAtMs ?? undefined,
    };
  }

  /** The newest reservation of that action. */
  reservationOf(idem: string): Reservation | undefined {
    for (const open of this.#open.values())
      if (open.idem === idem) return { ...open, state: "open", result: undefined };
    const closed = this.#closed.get(idem);
    return closed === undefined ? undefined : { ...closed, result: closed.result };
  }

  /** Reservations whose action never said how it ended, oldest first. */
  openReservations(): readonly Reservation[] {
    return [...this.#open.values()].map((open) => ({ ...open, state: "open", result: undefined }));
  }

  gatesOf(commit: string): readonly GateEvidence[] | undefined {
    return this.#gates.get(commit);
  }

  /** The halt of the project, or of everything, that no entry says was lifted. */
  haltOf(project: string): { readonly seq: number; readonly reason: string } | undefined {
    const found = [project, "*"]
      .map((name) => this.#halts.get(name))
      .find((halt) => halt?.lifts.length === 0);
    return found === undefined ? undefined : { seq: found.seq, reason: found.reason };
  }

  recordedHalt(name: string): RecordedHalt | undefined {
    return this.#halts.get(name);
  }

  #resume(entry: Entry): void {
    const name = entry.project ?? "*";
    const halt = this.#halts.get(name);
    if (halt === undefined) return;
    const { seq, details = null } = entry;
    this.#halts.set(name, { ...halt, lifts: [...halt.lifts, { seq, details }].slice(-maxLifts) });
  }

  #issue(entry: Entry): void {
    if (entry.grant === undefined) return;
    const { jti } = entry.grant;
    // Issued once: a second entry of the same id does not make it younger.
    const issuedAt = this.#grants.get(jti)?.issuedAt ?? entry.seq;
    this.#grants.set(jti, { ...this.#grantState(jti), issuedAt, exp: expiryOf(entry) });
    this.#recordSigners(entry);
  }

  #recordSigners(entry: Entry): void {
    if (entry.grant === undefined) return;
    const { jti, kids } = entry.grant;
    const before = this.#grantState(jti);
    const known = new Set(before.signers.map(({ kid }) => kid));
    const added = [...new Set(kids)].filter((kid) => !known.has(kid));
    const signers = [...before.signers, ...added.map((kid) => ({ kid, seq: entry.seq }))];
    this.#grants.set(jti, { ...before, signers, exp: before.exp ?? expiryOf(entry) });
  }

  #reserve(entry: Entry): void {
    const { seq, idem, cost } = entry;
    if (entry.grant === undefined || idem === undefined) return;
    const chain = [...new Set([entry.grant.jti, ...entry.grant.chain])];
    const reservedAtMs = Date.parse(entry.ts);
    this.#closed.delete(idem);
    this.#open.set(seq, { seq, idem, chain, cost: cost ?? 0, reservedAtMs });
    this.#charge(chain, 1, cost ?? 0, reservedAtMs);
  }

  #settle(entry: Entry): void {
    const open = this.#take(entry.ref);
    if (open === undefined) return;
    // Without an actual the ceiling stays charged.
    this.#charge(open.chain, 0, (entry.cost ?? open.cost) - open.cost, undefined);
    this.#close({ ...open, state: "settled", result: entry.result ?? null });
  }

  /** The time of the attempt stays: a released reservation does not shorten the interval. */
  #release(entry: Entry): void {
    const open = this.#take(entry.ref);
    if (open === undefined) return;
    this.#charge(open.chain, -1, -open.cost, undefined);
    this.#close({ ...open, state: "released", result: null });
  }

  #take(seq: number | undefined): OpenState | undefined {
    const open = seq === undefined ? undefined : this.#open.get(seq);
    if (open !== undefined) this.#open.delete(open.seq);
    return open;
  }

  #close(closed: ClosedState): void {
    this.#closed.delete(closed.idem);
    this.#closed.set(closed.idem, closed);
    dropOldest(this.#closed, maxClosed);
  }

  /** A reservation is charged to the grant and to each that it was delegated from. */
  #charge(
    chain: readonly string[],
    uses: number,
    spendMicrousd: number,
    atMs: number | undefined,
  ): void {
    for (const jti of chain) {
      const before = this.#grantState(jti);
      this.#grants.set(jti, {
        ...before,
        uses: before.uses + uses,
        spendMicrousd: before.spendMicrousd + spendMicrousd,
        lastReservedAtMs: atMs ?? before.lastReservedAtMs,
      });
    }
  }

  #grantState(jti: string): GrantState {
    const known = this.#grants.get(jti);
    if (known !== undefined) return known;
    return {
      jti,
      issuedAt: null,
      signers: [],
      exp: null,
      uses: 0,
      spendMicrousd: 0,
      lastReservedAtMs: null,
    };
  }

  #recordGates(entry: Entry): void {
    if (entry.commit === undefined) return;
    const gates = new Map((this.#gates.get(entry.commit) ?? []).map((gate) => [gate.name, gate]));
    for (const gate of entry.gates ?? []) gates.set(gate.name, gate);
    this.#gates.delete(entry.commit);
    this.#gates.set(entry.commit, [...gates.values()]);
    dropOldest(this.#gates, maxCommits);
  }
}

/** Epoch seconds. */
function expiryOf(entry: Entry): number | null {
  const expiry = entry.details?.["exp"];
  return typeof expiry === "number" ? expiry : null;
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
