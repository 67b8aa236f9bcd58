import { findSecrets } from "../../kernel/redaction.ts";
import { refusalOfPath } from "../agent/workspace-path.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";

/** Looks through every text of the tree. `skipped` are files that are no text. */
export function judgeSecrets(
  files: ReadonlyMap<string, string>,
  skipped: readonly string[],
): Judgement {
  const found = [...files].flatMap(([path, text]) =>
    findSecrets(text).map((one) => `${path}:${one.line} holds a secret (${one.rule})`),
  );
  // Such a file is not read at all, so nobody may hide something behind its name.
  const unread = skipped.flatMap((path) => {
    const refusal = refusalOfPath(path);
    return refusal === undefined ? [] : [`${path} cannot be looked through: ${refusal}`];
  });
  const problems = [...found, ...unread];
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
