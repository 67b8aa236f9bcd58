import type {
  ClaimedReinstatement,
  ClaimedRelease,
  GrantUsage,
  RecordedSigner,
  Reservation,
} from "../grants/log-facts.ts";
import { Claims } from "./claims.ts";
import type { Entry } from "./entry.ts";
import { type StateRecord, expiredGrantKeptMs } from "./state-record.ts";

/** Settled reservations that are remembered, newest last. */
const maxClosed = 512;

type GrantState = StateRecord["grants"][number];
type OpenState = StateRecord["open"][number];
type ClosedState = StateRecord["closed"][number];

/** The part of a log's state that says what became of each grant and of the actions it allowed. */
export type LedgerRecord = Pick<
  StateRecord,
  "grants" | "revoked" | "reinstatements" | "open" | "releases" | "closed"
>;

/**
 * What grants were issued, signed, revoked and charged with. Entries that refer to nothing change
 * nothing; those that give something back are kept as claims, whose signatures others check.
 */
export class GrantLedger {
  readonly #grants = new Map<string, GrantState>();
  readonly #revoked = new Map<string, number>();
  readonly #open = new Map<number, OpenState>();
  /** The open ones of each action, newest last: more than one when one is said to be given back. */
  readonly #openByIdem = new Map<string, readonly OpenState[]>();
  /** By idem, in the order of their end. */
  readonly #closed = new Map<string, ClosedState>();

  /** By the entry of the open reservation. */
  #releases = new Claims<number>([]);
  /** By the id of the revoked grant. */
  #reinstatements = new Claims<string>([]);

  static empty(): GrantLedger {
    return new GrantLedger();
  }

  static fromRecord(record: LedgerRecord): GrantLedger {
    const ledger = new GrantLedger();
    for (const grant of record.grants) ledger.#grants.set(grant.jti, grant);
    for (const { jti, seq } of record.revoked) ledger.#revoked.set(jti, seq);
    for (const open of record.open) ledger.#begin(open);
    for (const closed of record.closed) ledger.#closed.set(closed.idem, closed);
    ledger.#releases = new Claims(record.releases);
    ledger.#reinstatements = new Claims(record.reinstatements);
    return ledger;
  }

  /**
   * As data. Leaves out grants that ended long before `nowMs`, and their revocations: `nowMs` is the
   * time of the log, which never goes back, so that such a grant is refused as expired for ever. A
   * revocation of a grant whose end nobody recorded stays.
   */
  toRecord(nowMs: number): LedgerRecord {
    const isOver = (grant: GrantState | undefined): boolean =>
      typeof grant?.exp === "number" && grant.exp * 1_000 + expiredGrantKeptMs < nowMs;
    return {
      grants: [...this.#grants.values()].filter((grant) => !isOver(grant)),
      revoked: [...this.#revoked]
        .filter(([jti]) => !isOver(this.#grants.get(jti)))
        .map(([jti, seq]) => ({ jti, seq })),
      reinstatements: this.#reinstatements
        .toRecord()
        .filter(({ key }) => !isOver(this.#grants.get(key))),
      open: [...this.#open.values()],
      releases: this.#releases.toRecord(),
      closed: [...this.#closed.values()],
    };
  }

  issuedAt(jti: string): number | undefined {
    return this.#grants.get(jti)?.issuedAt ?? undefined;
  }

  signersOf(jti: string): readonly RecordedSigner[] {
    return this.#grants.get(jti)?.signers ?? [];
  }

  revokedAt(jti: string): number | undefined {
    return this.#revoked.get(jti);
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
    const open = this.#openByIdem.get(idem)?.at(-1);
    const closed = this.#closed.get(idem);
    if (closed !== undefined && closed.seq > (open?.seq ?? -1))
      return { ...closed, result: closed.result };
    return open === undefined ? undefined : { ...open, state: "open", result: undefined };
  }

  /** By a walk over those that are open, of which there are as many as actions were cut off. */
  openReservationsOf(jti: string): readonly number[] {
    return [...this.#open.values()]
      .filter(({ chain }) => chain.includes(jti))
      .map(({ seq }) => seq);
  }

  claimedReleases(): readonly ClaimedRelease[] {
    return this.#releases.all().flatMap(({ key, claims }) => {
      const open = this.#open.get(key);
      if (open === undefined) return [];
      const { seq, idem, chain, cost } = open;
      return [{ seq, idem, chain, spendMicrousd: cost, claims }];
    });
  }

  claimedReinstatements(): readonly ClaimedReinstatement[] {
    return this.#reinstatements.all().flatMap(({ key, claims }) => {
      const revokedSeq = this.#revoked.get(key);
      return revokedSeq === undefined ? [] : [{ jti: key, revokedSeq, claims }];
    });
  }

  issue(entry: Entry): void {
    if (entry.grant === undefined) return;
    const before = this.#grantState(entry.grant.jti);
    // Issued once: a second entry of the same id does not make it younger.
    this.#grants.set(before.jti, { ...before, issuedAt: before.issuedAt ?? entry.seq });
    this.recordSigners(entry);
  }

  recordSigners(entry: Entry): void {
    if (entry.grant === undefined) return;
    const { jti, kids } = entry.grant;
    const before = this.#grantState(jti);
    const known = new Set(before.signers.map(({ kid }) => kid));
    const added = [...new Set(kids)].filter((kid) => !known.has(kid));
    const signers = [...before.signers, ...added.map((kid) => ({ kid, seq: entry.seq }))];
    this.#grants.set(jti, { ...before, signers, exp: laterOf(before.exp, expiryOf(entry)) });
  }

  revoke(entry: Entry): void {
    if (entry.grant === undefined) return;
    this.#revoked.set(entry.grant.jti, entry.seq);
    this.#reinstatements.forget(entry.grant.jti);
  }

  reinstate(entry: Entry): void {
    const jti = entry.grant?.jti;
    if (jti !== undefined && this.#revoked.has(jti)) this.#reinstatements.add(jti, entry);
  }

  reserve(entry: Entry): void {
    const { seq, idem, cost } = entry;
    if (entry.grant === undefined || idem === undefined) return;
    const chain = [...new Set([entry.grant.jti, ...entry.grant.chain])];
    const reservedAtMs = Date.parse(entry.ts);
    this.#closed.delete(idem);
    this.#begin({ seq, idem, chain, cost: cost ?? 0, reservedAtMs });
    this.#charge(chain, { uses: 1, spendMicrousd: cost ?? 0, lastReservedAtMs: reservedAtMs });
  }

  settle(entry: Entry): void {
    const open = this.#take(entry.ref);
    if (open === undefined) return;
    // Without an actual the ceiling stays charged.
    const spendMicrousd = (entry.cost ?? open.cost) - open.cost;
    this.#charge(this.#remembered(open.chain), { uses: 0, spendMicrousd });
    this.#close({ ...open, state: "settled", result: entry.result ?? null });
  }

  release(entry: Entry): void {
    if (entry.ref !== undefined && this.#open.has(entry.ref)) this.#releases.add(entry.ref, entry);
  }

  #begin(open: OpenState): void {
    this.#open.set(open.seq, open);
    this.#openByIdem.set(open.idem, [...(this.#openByIdem.get(open.idem) ?? []), open]);
  }

  #take(seq: number | undefined): OpenState | undefined {
    const open = seq === undefined ? undefined : this.#open.get(seq);
    if (open === undefined) return undefined;
    this.#open.delete(open.seq);
    this.#releases.forget(open.seq);
    const others = (this.#openByIdem.get(open.idem) ?? []).filter((one) => one !== open);
    if (others.length === 0) this.#openByIdem.delete(open.idem);
    else this.#openByIdem.set(open.idem, others);
    return open;
  }

  #close(closed: ClosedState): void {
    // The end of an earlier attempt, told late, says nothing about the one after it.
    if ((this.#closed.get(closed.idem)?.seq ?? -1) > closed.seq) return;
    this.#closed.delete(closed.idem);
    this.#closed.set(closed.idem, closed);
    for (const idem of this.#closed.keys()) {
      if (this.#closed.size <= maxClosed) return;
      this.#closed.delete(idem);
    }
  }

  /** A grant that was left out as long over is not begun anew by the end of one of its actions. */
  #remembered(chain: readonly string[]): readonly string[] {
    return chain.filter((jti) => this.#grants.has(jti));
  }

  /** A reservation is charged to the grant and to each that it was delegated from. */
  #charge(
    chain: readonly string[],
    charge: {
      readonly uses: number;
      readonly spendMicrousd: number;
      readonly lastReservedAtMs?: number;
    },
  ): void {
    for (const jti of chain) {
      const before = this.#grantState(jti);
      this.#grants.set(jti, {
        ...before,
        uses: before.uses + charge.uses,
        spendMicrousd: before.spendMicrousd + charge.spendMicrousd,
        lastReservedAtMs: charge.lastReservedAtMs ?? before.lastReservedAtMs,
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
}

/** Epoch seconds. */
function expiryOf(entry: Entry): number | null {
  const expiry = entry.details?.["exp"];
  return typeof expiry === "number" && Number.isSafeInteger(expiry) && expiry >= 0 ? expiry : null;
}

/** Only ever later: a forged entry must not make the log forget a grant before it ends. */
function laterOf(before: number | null, claimed: number | null): number | null {
  if (before === null || claimed === null) return before ?? claimed;
  return Math.max(before, claimed);
}
