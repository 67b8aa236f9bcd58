import type { AuditLog } from "./audit-log.port.ts";
import type { EntryDraft } from "./entry.ts";

/** An audit log in its own place, and how to end with it. */
export interface AuditLogUnderTest {
  readonly log: AuditLog;
  /** Sets what the log's clock says, epoch milliseconds. */
  readonly setClock: (nowMs: number) => void;
  close(): Promise<void>;
}

/** What the clock of a log under test says first. */
export const startMs = Date.UTC(2026, 0, 31, 10);

/** A grant as an entry names it, with those that it was delegated from. */
export const grant = (jti: string, ...ancestors: string[]) => ({
  jti,
  chain: [jti, ...ancestors],
  kids: ["k".repeat(43)],
});

export const draft = (parts: Partial<EntryDraft> = {}): EntryDraft => ({
  kind: "intent",
  actor: { type: "agent", id: "agent:test" },
  ...parts,
});

/** In one transaction. */
export async function append(log: AuditLog, ...drafts: EntryDraft[]) {
  const { entries } = await log.transact(async () => ({ append: drafts, value: undefined }));
  return entries;
}

export const reserve = (idem: string, cost: number, ...chain: [string, ...string[]]): EntryDraft =>
  draft({ kind: "reserve", idem, cost, grant: grant(...chain), project: "p", action: "deploy" });
