import type { LogFinding, LogVerification } from "./log-verification.ts";
import { type Sightings, witnessStatement } from "./sightings.ts";

/** What was seen while reading a whole log, for the statement about it. */
export interface LogAccount {
  readonly origin: string | undefined;
  readonly size: number;
  readonly root: string;
  readonly signedSize: number;
  readonly epochs: number;
  readonly anchors: LogVerification["anchors"];
  /** Checkpoints of the log's own history that it extends. */
  readonly history: number;
  /** Lines of the history that cannot be read. */
  readonly unreadableHistory: number;
  /** Undefined without a witness policy. */
  readonly sightings: Sightings | undefined;
  readonly failures: readonly LogFinding[];
  readonly isGenesisPinned: boolean;
  /** Bytes after the last entry, of a write that was cut short. */
  readonly unfinishedBytes: number;
  /** What can be made again from the log and is not there, or is damaged. */
  readonly rebuildable: readonly string[];
}

/** The statement: what reading the log established, and what no reading of it can establish. */
export function statementOf(account: LogAccount): LogVerification {
  const { isGenesisPinned, unfinishedBytes, rebuildable, history, ...rest } = account;
  const { sightings, unreadableHistory, ...facts } = rest;
  const witnesses = witnessStatement(sightings, facts.size);
  const holds = facts.failures.length === 0;
  const outside = facts.anchors.filter((anchor) => anchor.holds);
  const newest = Math.max(0, ...outside.map((anchor) => anchor.size));
  const established = holds
    ? [
        `All ${facts.size} entries follow each other: numbers, chain of digests, times.`,
        `Their tree has the root ${facts.root}.`,
        `The first ${facts.signedSize} entries are signed by the log's own keys (${facts.epochs} epochs, each certified by the one before).`,
        outside.length > 0
          ? `The log extends every one of ${outside.length} anchors; the newest covers ${newest} entries.`
          : "No anchor was given that it could be compared with.",
        ...(history > 0
          ? [`It extends each of ${history} earlier checkpoints of its history.`]
          : []),
        ...(isGenesisPinned ? ["The first key is the one that the signed trust list pins."] : []),
        ...witnesses.established,
      ]
    : [];
  const notEstablished = [
    holds
      ? `Entries from number ${newest} on could have been replaced by whoever held the log's newest key, or taken back together with the checkpoint: no anchor covers them.`
      : "Nothing is established while the failures stand.",
    "That no second copy of this log exists which continues differently.",
    ...(holds ? witnesses.notEstablished : []),
    ...(isGenesisPinned ? [] : ["That the first key is the right one: no trust list pins it."]),
    ...(facts.size > facts.signedSize
      ? [`The last ${facts.size - facts.signedSize} entries are not signed yet.`]
      : []),
    ...(unfinishedBytes > 0
      ? [
          `${unfinishedBytes} bytes after the last entry are from a write that was cut short; the next entry puts them aside.`,
        ]
      : []),
    ...(unreadableHistory > 0
      ? [`What ${unreadableHistory} lines of the history of checkpoints were: they cannot be read.`]
      : []),
    ...rebuildable.map((what) => `${what}; the next entry makes it anew from the log.`),
  ];
  return {
    ...facts,
    witnesses: sightings?.newest ?? [],
    witnessedSize: sightings?.quorum?.size ?? 0,
    established,
    notEstablished,
  };
}
