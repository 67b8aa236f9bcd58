import { GovernanceError } from "../errors.ts";
import {
  maxRecoveries,
  type RecordedTrust,
  recordedTrustSchema,
  successionOf,
  type TrustOnRecord,
} from "../keys/recorded-trust.ts";
import type {
  ClaimedReinstatement,
  ClaimedRelease,
  GateEvidence,
  GrantUsage,
  RecordedHalt,
  RecordedPolicy,
  RecordedSigner,
  Reservation,
} from "../grants/log-facts.ts";
import { withClaim } from "./claims.ts";
import type { Entry } from "./entry.ts";
import { GrantLedger } from "./grant-ledger.ts";
import type { StateRecord } from "./state-record.ts";

/** Projects whose last policy is remembered, newest last. */
const maxPolicies = 1_024;
/** Commits whose gates are remembered, newest last. */
const maxCommits = 256;

/**
 * What the entries so far add up to: all that the check of an action needs to know, without reading
 * the log. Its size is bounded by what is in force, not by the length of the log.
 */
export class LogState {
  readonly #ledger: GrantLedger;
  readonly #halts = new Map<string, RecordedHalt>();
  readonly #gates = new Map<string, readonly GateEvidence[]>();
  readonly #policies = new Map<string, RecordedPolicy>();
  #trust: StateRecord["trust"] = null;

  private constructor(ledger: GrantLedger) {
    this.#ledger = ledger;
  }

  static empty(): LogState {
    return new LogState(GrantLedger.empty());
  }

  static fromRecord(record: StateRecord): LogState {
    const state = new LogState(GrantLedger.fromRecord(record));
    for (const { project, ...halt } of record.halts) state.#halts.set(project, halt);
    for (const { commit, gates } of record.gates) state.#gates.set(commit, gates);
    for (const { project, ...policy } of record.policies) state.#policies.set(project, policy);
    state.#trust = record.trust;
    return state;
  }

  /** As data. Leaves out grants that were long over at `nowMs`, the time of the log's end. */
  toRecord(nowMs: number): StateRecord {
    return {
      ...this.#ledger.toRecord(nowMs),
      trust: this.#trust,
      halts: [...this.#halts].map(([project, { seq, reason, lifts }]) => ({
        project,
        seq,
        reason,
        lifts: lifts.map((lift) => ({ ...lift })),
      })),
      policies: [...this.#policies].map(([project, policy]) => ({ project, ...policy })),
      gates: [...this.#gates].map(([commit, gates]) => ({ commit, gates: [...gates] })),
    };
  }

  /** Takes in the next entry of the log. Entries that refer to nothing change nothing. */
  apply(entry: Entry): void {
    this.#recordPolicy(entry);
    switch (entry.kind) {
      case "reserve": {
        this.#ledger.reserve(entry);
        return;
      }
      case "settle": {
        this.#ledger.settle(entry);
        return;
      }
      case "release": {
        this.#ledger.release(entry);
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
        this.#ledger.issue(entry);
        return;
      }
      case "grant.approve": {
        this.#ledger.recordSigners(entry);
        return;
      }
      case "grant.revoke": {
        this.#ledger.revoke(entry);
        return;
      }
      case "grant.reinstate": {
        this.#ledger.reinstate(entry);
        return;
      }
      case "trust.change": {
        this.#recordTrust(entry);
        return;
      }
      default:
        return;
    }
  }

  issuedAt(jti: string): number | undefined {
    return this.#ledger.issuedAt(jti);
  }

  signersOf(jti: string): readonly RecordedSigner[] {
    return this.#ledger.signersOf(jti);
  }

  revokedAt(jti: string): number | undefined {
    return this.#ledger.revokedAt(jti);
  }

  /** Throws AUTOSD-AUDIT-TAMPERED when the newest entry about the list says nothing of it. */
  recordedTrust(): TrustOnRecord | undefined {
    if (this.#trust === null) return undefined;
    const { seq, recorded, recoveries } = this.#trust;
    if (recorded !== null) return { ...recorded, recoveries };
    throw new GovernanceError(
      "AUTOSD-AUDIT-TAMPERED",
      `Entry ${seq} of the audit log does not say which trust list it is about.`,
      { details: { seq } },
    );
  }

  usageOf(jti: string): GrantUsage {
    return this.#ledger.usageOf(jti);
  }

  /** The newest reservation of that action. */
  reservationOf(idem: string): Reservation | undefined {
    return this.#ledger.reservationOf(idem);
  }

  openReservationsOf(jti: string): readonly number[] {
    return this.#ledger.openReservationsOf(jti);
  }

  claimedReleases(): readonly ClaimedRelease[] {
    return this.#ledger.claimedReleases();
  }

  claimedReinstatements(): readonly ClaimedReinstatement[] {
    return this.#ledger.claimedReinstatements();
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

  policyOf(project: string): RecordedPolicy | undefined {
    return this.#policies.get(project);
  }

  #recordPolicy({ seq, project, policy }: Entry): void {
    if (project === undefined || policy === undefined) return;
    this.#policies.delete(project);
    this.#policies.set(project, { seq, digest: policy.digest });
    dropOldest(this.#policies, maxPolicies);
  }

  /** An entry that nobody of the list before signed, and that does not say so, changes nothing. */
  #recordTrust(entry: Entry): void {
    const { seq, action } = entry;
    const { recorded: before, recoveries = [] } = this.#trust ?? {};
    const parsed = recordedTrustSchema.safeParse(entry.details?.["trust"]);
    if (!parsed.success) {
      this.#trust = { seq, recorded: null, recoveries };
      return;
    }
    const recorded: RecordedTrust = parsed.data;
    const atS = Math.floor(Date.parse(entry.ts) / 1_000);
    const { kind } = successionOf(before, recorded, { action, atS });
    if (kind === "refused") return;
    const recovery = { version: recorded.version, at: atS };
    const known = kind === "recovered" ? [...recoveries, recovery] : recoveries;
    this.#trust = { seq, recorded, recoveries: known.slice(-maxRecoveries) };
  }

  #resume(entry: Entry): void {
    const name = entry.project ?? "*";
    const halt = this.#halts.get(name);
    if (halt === undefined) return;
    this.#halts.set(name, { ...halt, lifts: withClaim(halt.lifts, entry) });
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

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
