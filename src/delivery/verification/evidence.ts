import type { Evidence } from "../backlog/backlog.ts";
import { sha256 } from "../../kernel/hash.ts";
import { redactText } from "../../kernel/redaction.ts";

/** What a gate came to, before it is bound to a tree. `output` is everything that a person may want to read. */
export interface Judgement {
  readonly verdict: Evidence["verdict"];
  readonly command: readonly string[];
  readonly exitCode: number | null;
  readonly finding: string;
  readonly output: string;
}

/** Longest finding; the whole story is in the gate's log. */
const maxFindingLength = 300;

/** A judgement as evidence, and the log that its digest is of. Both without secrets. */
export function evidenceOf(
  judgement: Judgement,
  of: { readonly gate: string; readonly tree: string; readonly durationMs: number },
): { readonly evidence: Evidence; readonly log: string } {
  const log = redactText(judgement.output);
  return {
    log,
    evidence: {
      gate: of.gate,
      verdict: judgement.verdict,
      command: judgement.command.map((word) => redactText(word)),
      exitCode: judgement.exitCode,
      durationMs: of.durationMs,
      tree: of.tree,
      outputDigest: sha256(log),
      finding: oneLine(redactText(judgement.finding)),
    },
  };
}

/** A judgement that autosd came to by itself, without a command. */
export function ownJudgement(
  name: string,
  problems: readonly string[],
  finding: string,
  output = "",
): Judgement {
  const [first] = problems;
  return {
    verdict: first === undefined ? "green" : "red",
    command: ["autosd", "gate", name],
    exitCode: null,
    finding:
      first === undefined
        ? finding
        : problems.length === 1
          ? first
          : `${first} (and ${problems.length - 1} more)`,
    output: `${[...problems, ...(first === undefined ? [finding] : [])].join("\n")}\n${output}`,
  };
}

function oneLine(text: string): string {
  const plain = text
    .replaceAll(/\u001b\[[0-9;]*m/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return plain.length <= maxFindingLength ? plain : `${plain.slice(0, maxFindingLength - 1)}…`;
}
