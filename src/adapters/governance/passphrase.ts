import { GovernanceError } from "../../governance/errors.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { readPrivateFile } from "./private-files.ts";

const maxPassphraseFileBytes = 4_096;
/** A shorter one is guessed faster than it is typed. */
export const minPassphraseLength = 8;
const maxTries = 3;

/** Asks on the terminal without echo; undefined when nobody is there. */
export type AskSecret = ((question: string) => Promise<string>) | undefined;

/** Where passphrases come from: a file, or else a person. */
export interface PassphraseSource {
  readonly file: string | undefined;
  readonly ask: AskSecret;
}

/**
 * The passphrase of a new key; undefined when there is neither a file nor a person. A person types
 * it twice. Throws AUTOSD-PREAUTH-KEYS for one that is too short or an unusable file.
 */
export async function newPassphrase(source: PassphraseSource): Promise<string | undefined> {
  if (source.file !== undefined) return strong(await readPassphraseFile(source.file), source.file);
  const { ask } = source;
  if (ask === undefined) return undefined;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    const first = await ask(
      `Passphrase for the new signing key (${minPassphraseLength} or more characters): `,
    );
    if (first === "") break;
    if (first.length < minPassphraseLength) continue;
    if ((await ask("The same again: ")) === first) return first;
  }
  throw new GovernanceError("AUTOSD-PREAUTH-KEYS", "No passphrase was set; no key was made.");
}

/** The passphrase of a key that is there; undefined when there is neither a file nor a person. */
export async function knownPassphrase(
  source: PassphraseSource,
  kid: string,
): Promise<string | undefined> {
  if (source.file !== undefined) return readPassphraseFile(source.file);
  return source.ask?.(`Passphrase of the signing key ${kid}: `);
}

async function readPassphraseFile(path: string): Promise<string> {
  const limits = { maxBytes: maxPassphraseFileBytes, secrecy: "secret" } as const;
  const bytes = await readPrivateFile(path, limits);
  if (bytes === undefined) throw unusable(path, "is not there");
  const text = strictUtf8(bytes, "dropped");
  if (text === undefined) throw unusable(path, "is not UTF-8 text");
  const [line = ""] = text.split(/\r?\n/);
  if (line === "") throw unusable(path, "has no passphrase in its first line");
  return line;
}

function strong(passphrase: string, path: string): string {
  if (passphrase.length >= minPassphraseLength) return passphrase;
  throw unusable(path, `has a passphrase of less than ${minPassphraseLength} characters`);
}

function unusable(path: string, finding: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-KEYS", `The passphrase file ${path} ${finding}.`, {
    remedy: "Put a passphrase into the file that AUTOSD_PREAUTH_PASSPHRASE_FILE names, mode 0600.",
  });
}
