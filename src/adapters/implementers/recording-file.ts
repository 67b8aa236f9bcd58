import { open, stat } from "node:fs/promises";
import { SessionError } from "../../delivery/agent/errors.ts";
import {
  emptySession,
  parseSession,
  renderSession,
  type Session,
  type SessionSink,
} from "../../delivery/agent/session-recording.ts";
import { withBoundedExchange } from "../../delivery/agent/session-withheld.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { codeOf, hasCode } from "../../machine/error-code.ts";
import { replaceFile } from "../../machine/whole-file.ts";

/** Far above any real session; a bigger file is not read into memory. */
const maxSessionBytes = 256 * 1024 * 1024;

/**
 * Reads a recorded session. Throws AUTOSD-REPLAY-UNREADABLE when there is no such file,
 * AUTOSD-REPLAY-CORRUPT when it is not a session or was changed.
 */
export async function readSession(path: string): Promise<Session> {
  let text: string;
  try {
    text = await readBounded(path);
  } catch (error) {
    if (error instanceof SessionError) throw error;
    throw new SessionError(
      "AUTOSD-REPLAY-UNREADABLE",
      `${path} cannot be read (${reasonOf(error)}).`,
      {
        cause: error,
        details: { file: path },
      },
    );
  }
  return parseSession(text, path);
}

async function readBounded(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > maxSessionBytes)
    throw new SessionError("AUTOSD-REPLAY-CORRUPT", `${path} is too large to be a session.`);
  const handle = await open(path, "r");
  try {
    const bytes = await handle.readFile();
    const text = strictUtf8(bytes, "dropped");
    if (text === undefined)
      throw new SessionError("AUTOSD-REPLAY-CORRUPT", `${path} is not UTF-8 text.`);
    return text;
  } finally {
    await handle.close();
  }
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? String(error);
}

/**
 * Records into a file, which holds a whole session after every exchange, whatever crashes. A session
 * that is there already is added to: that is how a resumed run goes on recording. Throws
 * AUTOSD-RECORD-REFUSED for a file that is something else, or that cannot be written.
 */
export async function openSessionFile(path: string): Promise<SessionSink> {
  let session = await existingSession(path);
  // One after the other: each write replaces the whole file.
  let last: Promise<void> = write(path, session);
  await last;
  return {
    record(exchange) {
      session = withBoundedExchange(session, exchange);
      const text = session;
      last = last.catch(() => undefined).then(() => write(path, text));
      return last;
    },
  };
}

async function existingSession(path: string): Promise<Session> {
  try {
    return await readSession(path);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    if (hasCode(error.cause, "ENOENT")) return emptySession();
    throw new SessionError(
      "AUTOSD-RECORD-REFUSED",
      `${path} exists and is not a session that can be added to: ${error.message}`,
      { cause: error, details: { file: path } },
    );
  }
}

/** Whole or not at all. */
async function write(path: string, session: Session): Promise<void> {
  try {
    // Prompts and answers are the user's own text: for the user only.
    await replaceFile(path, renderSession(session), { mode: 0o600, sync: "content" });
  } catch (error) {
    throw new SessionError(
      "AUTOSD-RECORD-REFUSED",
      `The session cannot be written to ${path} (${reasonOf(error)}).`,
      { cause: error, details: { file: path } },
    );
  }
}
