import { findSecrets } from "../../kernel/redaction.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";

/** Looks through every text of the tree. `skipped` are files that are no text. */
export function judgeSecrets(
  files: ReadonlyMap<string, string>,
  skipped: readonly string[],
): Judgement {
  const problems = [...files].flatMap(([path, text]) =>
    findSecrets(text).map((one) => `${path}:${one.line} holds a secret (${one.rule})`),
  );
  const number = files.size;
  const log =
    skipped.length === 0 ? "" : `not looked through, because not text: ${skipped.join(", ")}\n`;
  return ownJudgement(
    "secrets",
    problems,
    `no secret in ${number} ${number === 1 ? "file" : "files"}`,
    log,
  );
}
