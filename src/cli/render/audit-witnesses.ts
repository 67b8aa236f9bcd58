import type {
  WitnessOverview,
  WitnessReply,
  WitnessRound,
} from "../../engine/audit/audit-calls.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Output } from "../context.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

/** What came of asking the witnesses. */
export function renderRound(round: WitnessRound, output: Output): string {
  const { checkpoint, replies, missing } = round;
  const table = renderTable(
    ["Witness", "Answer"],
    replies.map((reply) => [reply.witness, answerOf(reply)]),
    output,
  );
  return `${table}\n${conclusionOf(round, checkpoint.size, missing)}\n`;
}

function answerOf(reply: WitnessReply): string {
  if (reply.kind === "cosigned") return `cosigned at ${isoTime(reply.atMs)}`;
  return printable(reply.message);
}

function conclusionOf(round: WitnessRound, size: number, missing: string | undefined): string {
  if (round.contradicted)
    return "AUTOSD-AUDIT-TAMPERED: a witness has seen another log of this name. Compare: autosd audit verify";
  if (round.isQuorum)
    return `A quorum cosigned the checkpoint of ${size} entries; the log is held to it from now on.`;
  return `AUTOSD-AUDIT-UNWITNESSED: no quorum for the checkpoint of ${size} entries; missing: ${printable(missing ?? "")}. What was cosigned is kept. Try again: autosd audit anchor submit`;
}

/** The policy's witnesses, and what they know the log by. */
export function renderWitnesses(overview: WitnessOverview, output: Output): string {
  const { witnesses, vkey, path } = overview;
  const key =
    vkey === undefined
      ? "Witnesses know this log by no key yet. Make one: autosd audit witnesses --key"
      : `Witnesses know this log by: ${vkey}`;
  if (witnesses === undefined)
    return `No witness policy. Write one (C2SP tlog-policy) to ${printable(path)}\n${key}\n`;
  const table = renderTable(
    ["Witness", "Address"],
    witnesses.map(({ name, url }) => [name, url ?? "none; it is not asked"]),
    output,
  );
  return `${table}\n${key}\n`;
}
