import { findSecrets, redactText } from "../../kernel/redaction.ts";
import { SessionError } from "./errors.ts";
import {
  bytesOf,
  digestOfAnswer,
  renderSession,
  withExchange,
  type AnswerTo,
  type Exchange,
  type FileChange,
  type Session,
} from "./session-recording.ts";

type Implementation = AnswerTo<"implement">;

/** Files of one attempt beyond this are no work on a story. */
const maxAttemptBytes = 8 * 1024 * 1024;
/** A session is kept in a repository. */
const usualSessionBytes = 32 * 1024 * 1024;

/**
 * What a recording may keep of an attempt: no secret, no more than 8 MiB of files. The files are kept
 * as they are or not at all: others in their place would be another attempt.
 */
export function withoutSecrets(answer: Implementation): Implementation {
  const events = answer.events.map(redacted);
  const secret = answer.changes.find(holdsSecret);
  if (secret !== undefined)
    return { events, changes: [], withheld: `${redactText(secret.path)} held a secret` };
  const bytes = answer.changes.reduce((sum, change) => sum + sizeOf(change), 0);
  if (bytes > maxAttemptBytes)
    return { events, changes: [], withheld: `its files have ${bytes} bytes` };
  return { ...answer, events };
}

/** The session with one exchange more; without the files of it where it would be over 32 MiB. */
export function withBoundedExchange(
  session: Session,
  exchange: Exchange,
  maxSessionBytes = usualSessionBytes,
): Session {
  const grown = withExchange(session, exchange);
  if (exchange.kind !== "implement" && exchange.kind !== "adapt") return grown;
  if (Buffer.byteLength(renderSession(grown)) <= maxSessionBytes) return grown;
  const { events } = exchange.answer;
  const answer = { events, changes: [], withheld: "the session was full" };
  return withExchange(session, { ...exchange, answer, digest: digestOfAnswer(answer) });
}

/** The answer with its files. Throws AUTOSD-REPLAY-UNKNOWN-PROMPT when they are not in the recording. */
export function withItsFiles(answer: Implementation, subject: string): Implementation {
  if (answer.withheld === undefined) return answer;
  throw new SessionError(
    "AUTOSD-REPLAY-UNKNOWN-PROMPT",
    `The session does not hold the files of ${subject}: ${answer.withheld}.`,
    { remedy: "Record the session again: autosd run --record FILE ..." },
  );
}

function redacted(event: Implementation["events"][number]): Implementation["events"][number] {
  switch (event.kind) {
    case "progress":
      return { ...event, message: redactText(event.message) };
    case "proposal": {
      const summary = redactText(event.proposal.summary);
      return { ...event, proposal: { ...event.proposal, summary } };
    }
    case "unimplemented":
    case "failed":
      return { ...event, reason: redactText(event.reason) };
  }
}

function holdsSecret(change: FileChange): boolean {
  if (findSecrets(change.path).length > 0) return true;
  if (change.kind === "remove") return false;
  if (change.kind === "link") return findSecrets(change.target).length > 0;
  const { content } = change;
  // Byte by byte: a key in a file that is no text is a key all the same.
  const text = "text" in content ? content.text : Buffer.from(bytesOf(content)).toString("latin1");
  return findSecrets(text).length > 0;
}

function sizeOf(change: FileChange): number {
  if (change.kind !== "write") return 0;
  const { content } = change;
  return "text" in content ? Buffer.byteLength(content.text) : content.base64.length;
}
