import type { Anchor, Entry, LogVerification } from "../../engine/audit/audit-calls.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

/** Entries as a table. */
export function renderEntries(entries: readonly Entry[], output: Output): string {
  if (entries.length === 0) return "No entries.\n";
  return renderTable(
    ["Entry", "Time", "Kind", "Decision", "Project", "Action", "Actor", "About"],
    entries.map((entry) => [
      String(entry.seq),
      entry.ts,
      entry.kind,
      entry.decision ?? "",
      entry.project ?? "",
      [entry.action, entry.env].filter((part) => part !== undefined).join(" "),
      entry.actor.id,
      entry.code ?? entry.grant?.jti ?? entry.reason ?? "",
    ]),
    output,
  );
}

/** What was established, what was not, and what does not hold. */
export function renderVerification(verification: LogVerification, output: Output): string {
  const paint = createPaint(output.color);
  const { failures, established, notEstablished } = verification;
  const list = (sentences: readonly string[]) =>
    sentences.map((sentence) => `  - ${printable(sentence)}`);
  return [
    failures.length === 0
      ? paint.bold(`The audit log holds: ${verification.size} entries.`)
      : paint.bold(`The audit log does not hold: ${failures.length} findings.`),
    ...(failures.length === 0
      ? []
      : [
          "",
          "Does not hold:",
          ...list(failures.map(({ part, message }) => `${part}: ${message}`)),
        ]),
    ...(established.length === 0 ? [] : ["", "Established:", ...list(established)]),
    "",
    "Not established:",
    ...list(notEstablished),
    "",
  ].join("\n");
}

/** Checkpoints that the log is held to. */
export function renderAnchors(anchors: readonly Anchor[], output: Output): string {
  if (anchors.length === 0)
    return "No anchors. Keep one elsewhere: autosd audit anchor --out FILE\n";
  return renderTable(
    ["Added", "Entries", "Root"],
    anchors.map(({ note, addedAtMs }) => {
      const [, size = "", root = ""] = note.split("\n");
      return [isoTime(addedAtMs), size, root];
    }),
    output,
  );
}

const columns = [
  "seq",
  "ts",
  "kind",
  "decision",
  "project",
  "action",
  "env",
  "target",
  "actor",
  "grant",
  "code",
  "commit",
  "reason",
] as const;

export const csvHeader = `${columns.join(",")}\r\n`;

/** One entry as a line of RFC 4180. */
export function csvLine(entry: Entry): string {
  const values: Readonly<Record<(typeof columns)[number], string | number | undefined>> = {
    seq: entry.seq,
    ts: entry.ts,
    kind: entry.kind,
    decision: entry.decision,
    project: entry.project,
    action: entry.action,
    env: entry.env,
    target: entry.target,
    actor: `${entry.actor.type}:${entry.actor.id}`,
    grant: entry.grant?.jti,
    code: entry.code,
    commit: entry.commit,
    reason: entry.reason,
  };
  return `${columns.map((column) => csvField(String(values[column] ?? ""))).join(",")}\r\n`;
}

/** A field that a spreadsheet could take for a formula becomes text. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
