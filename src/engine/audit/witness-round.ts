import type { AuditTrail, Submission } from "../../governance/audit/audit-trail.port.ts";
import { parseCheckpoint } from "../../governance/audit/checkpoint.ts";
import { cosigningOf } from "../../governance/audit/cosignature.ts";
import { isSignedBy, parseNote } from "../../governance/audit/signed-note.ts";
import {
  isQuorum,
  missingQuorum,
  type Witness,
  type WitnessPolicy,
} from "../../governance/audit/witness-quorum.ts";
import {
  formatAddCheckpoint,
  verdictOf,
  type WitnessVerdict,
} from "../../governance/audit/witness-request.ts";
import type { Witnesses } from "../../governance/audit/witnesses.port.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { WitnessReply, WitnessRound } from "./audit-calls.ts";

/** What asking witnesses needs. */
export interface RoundServices {
  readonly audit: Pick<AuditTrail, "checkpoint" | "witnessed">;
  readonly witnesses: Witnesses;
  readonly clock: Clock;
}

/** Asked at the same time. */
const maxAtOnce = 8;

type Verdict = Exclude<WitnessVerdict, { readonly kind: "elsewhere" }>;
interface Said {
  readonly witness: Witness;
  readonly verdict: Verdict;
}

/**
 * Submits the log's head to every witness of the policy that has an address, and keeps what they
 * cosign, be it enough or not, or all that came before it was stopped. Nobody waits for the log
 * meanwhile: it is not locked.
 */
export async function askWitnesses(
  services: RoundServices,
  policy: WitnessPolicy,
  signal: AbortSignal,
): Promise<WitnessRound> {
  const { audit } = services;
  const submission = await audit.witnessed.submission();
  refuseForeignPolicy(submission, policy);
  const known = knownSizes(await audit.witnessed.history(), submission, policy);
  const asked = policy.witnesses.filter(({ url }) => url !== undefined);
  const said = await inTurns(asked, async (witness) => ({
    witness,
    verdict: await unlessStopped(signal, () =>
      ask(services, { submission, witness, oldSize: known.get(witness) ?? 0 }, signal),
    ),
  }));
  const cosigned = new Set<Witness>();
  let { note } = submission;
  for (const { witness, verdict } of said) {
    if (verdict.kind !== "cosigned") continue;
    cosigned.add(witness);
    note += verdict.line;
  }
  const isMet = cosigned.size > 0 && isQuorum(policy.quorum, cosigned);
  const contradicted = said.filter(({ verdict }) => verdict.kind === "contradicted");
  await audit.witnessed.keep({
    ...{ note, checkpoint: submission.checkpoint, isQuorum: isMet },
    witnesses: [...cosigned].map(({ name }) => name),
    contradictedBy: contradicted.map(({ witness }) => witness.name),
  });
  signal.throwIfAborted();
  return {
    checkpoint: submission.checkpoint,
    vkey: submission.vkey,
    replies: policy.witnesses.map((witness) => replyOf(witness, said)),
    isQuorum: isMet,
    missing: isMet ? undefined : (missingQuorum(policy.quorum, cosigned) ?? "any witness"),
    contradicted: contradicted.length > 0,
  };
}

/** What the others cosigned is kept before the stop ends it all. */
async function unlessStopped(signal: AbortSignal, work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    return { kind: "unavailable", message: "was not waited for" };
  }
}

/** A policy that names logs and not this one would never accept what is cosigned. */
function refuseForeignPolicy({ note, checkpoint }: Submission, { logs }: WitnessPolicy): void {
  const parsed = parseNote(Buffer.from(note, "utf8"));
  if (logs.length === 0 || parsed === undefined) return;
  if (logs.some((key) => isSignedBy(parsed, key))) return;
  throw new GovernanceError(
    "AUTOSD-AUDIT-WITNESSES",
    `The witness policy names logs, and none of their keys signs for ${checkpoint.origin}.`,
    { remedy: "Put the log line into the policy that this prints: autosd audit witnesses --key" },
  );
}

/** By the newest cosignature of each witness that was kept. */
function knownSizes(
  history: readonly string[],
  { checkpoint }: Submission,
  { witnesses }: WitnessPolicy,
): ReadonlyMap<Witness, number> {
  const sizes = new Map<Witness, number>();
  for (const text of history) {
    const note = parseNote(Buffer.from(text, "utf8"));
    const past = note === undefined ? undefined : parseCheckpoint(note);
    if (note === undefined || past?.origin !== checkpoint.origin) continue;
    // What the log no longer has cannot be proved from; the witness itself says what it has seen.
    if (past.size > checkpoint.size) continue;
    for (const witness of witnesses)
      if (cosigningOf(note, witness.key).kind === "cosigned") sizes.set(witness, past.size);
  }
  return sizes;
}

/** One witness, once more from the size that it names. */
async function ask(
  services: RoundServices,
  asked: { readonly submission: Submission; readonly witness: Witness; readonly oldSize: number },
  signal: AbortSignal,
): Promise<Verdict> {
  const { submission, witness } = asked;
  const first = await request(services, asked, signal);
  if (first.kind !== "elsewhere") return first;
  const { size } = submission.checkpoint;
  if (first.size > size) return beyond(services, first.size);
  if (first.size === asked.oldSize)
    return { kind: "refused", message: `answered 409 to a proof from ${first.size}, its own size` };
  const again = { submission, witness, oldSize: first.size };
  const second = await request(services, again, signal);
  if (second.kind !== "elsewhere") return second;
  return { kind: "unavailable", message: "is being asked by somebody else at the same time" };
}

/** It has seen more than was submitted: more of this log, or another one. */
async function beyond({ audit }: RoundServices, size: number): Promise<Verdict> {
  const now = await audit.checkpoint();
  if (now !== undefined && now.checkpoint.size + now.unsigned >= size)
    return { kind: "unavailable", message: "has seen a later head of the log meanwhile" };
  return {
    kind: "contradicted",
    message: `has seen ${size} entries of this log, which has fewer: it was taken back, or there are two`,
  };
}

async function request(
  { audit, witnesses, clock }: RoundServices,
  asked: { readonly submission: Submission; readonly witness: Witness; readonly oldSize: number },
  signal: AbortSignal,
): Promise<WitnessVerdict> {
  const { submission, witness, oldSize } = asked;
  const { note, checkpoint } = submission;
  const proof = await audit.witnessed.consistency(oldSize, checkpoint.size);
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint: note });
  const came = await witnesses.addCheckpoint(witness.url ?? "", body, signal);
  if (came.kind === "unreachable") return { kind: "unavailable", message: came.message };
  return verdictOf(came.answer, { witness, checkpoint: note, nowMs: clock.now() });
}

/** In the order of the items, at most so many at the same time. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(maxAtOnce, items.length) }, worker));
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}

function replyOf(witness: Witness, said: readonly Said[]): WitnessReply {
  const { name } = witness;
  const verdict = said.find((one) => one.witness === witness)?.verdict;
  if (verdict === undefined)
    return { witness: name, kind: "not-asked", message: "has no address in the policy" };
  return verdict.kind === "cosigned"
    ? { witness: name, kind: "cosigned", atMs: verdict.atMs }
    : { witness: name, kind: verdict.kind, message: verdict.message };
}
