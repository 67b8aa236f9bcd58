import { join } from "node:path";
import { grantIdPattern, maxGrantBytes } from "../../governance/grants/grant-limits.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";
import type {
  GrantStore,
  Revocation,
  RevocationState,
  StoredGrant,
} from "../../governance/grants/grant-store.port.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import {
  checkPrivateFolder,
  listPrivateFolder,
  readPrivateFile,
  removePrivateFile,
  writePrivateFile,
} from "./private-files.ts";
import { readPrivateFileSync } from "./read-private-file-sync.ts";

const maxRevocationBytes = 16 * 1024;
const grantLimits = { maxBytes: maxGrantBytes, secrecy: "public" } as const;
const suffix = ".json";

/** `<home>/preauth/grants/<jti>.json` and `<home>/preauth/revocations/<jti>.json`. */
export function createGrantFiles(home: string): GrantStore {
  const grants = join(home, "preauth", "grants");
  const revocations = join(home, "preauth", "revocations");
  const grantFile = (jti: string) => join(grants, `${requireGrantId(jti)}${suffix}`);
  const revocationFile = (jti: string) => join(revocations, `${requireGrantId(jti)}${suffix}`);
  const list = async () => idsIn(await listPrivateFolder(grants));
  return {
    read: async (jti) => {
      const path = grantFile(jti);
      return (await checkPrivateFolder(grants)) ? readGrant(path) : undefined;
    },
    write: async (jti, bytes) => {
      await writePrivateFile(grantFile(jti), bytes, { replace: true });
    },
    list,
    readAll: async () => (await list()).flatMap((jti) => readStored(jti, grantFile(jti)) ?? []),
    revocationOf: async (jti) => readRevocation(revocations, revocationFile(jti), jti),
    revokedIds: async () => new Set(idsIn(await listPrivateFolder(revocations))),
    revoke: async (revocation) => {
      const document = { schema: "autosd/revocation@1", ...revocation };
      await writeOrTouch(revocationFile(revocation.jti), encode(`${canonicalJson(document)}\n`));
    },
    reinstate: async (jti) => {
      await removePrivateFile(revocationFile(jti));
    },
  };
}

/** Other names in the folder are nobody's grants; ULIDs sort by the time of their making. */
function idsIn(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .filter((jti) => grantIdPattern.test(jti));
}

function readGrant(path: string): Promise<Uint8Array | undefined> {
  return readPrivateFile(path, grantLimits);
}

function readStored(jti: string, path: string): StoredGrant | undefined {
  try {
    const bytes = readPrivateFileSync(path, grantLimits);
    // Gone between the listing and now.
    return bytes === undefined ? undefined : { kind: "file", jti, bytes };
  } catch (error) {
    return { kind: "unreadable", jti, finding: findingOf(error, path) };
  }
}

/** By hand: listings read no revocation, and would load a schema's library for nothing. */
function revocationOf(document: unknown): Revocation | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  const { schema, jti, atMs, reason, ...foreign }: Readonly<Record<string, unknown>> = {
    ...document,
  };
  if (schema !== "autosd/revocation@1" || Object.keys(foreign).length > 0) return undefined;
  if (typeof jti !== "string" || !grantIdPattern.test(jti)) return undefined;
  if (typeof atMs !== "number" || !Number.isSafeInteger(atMs) || atMs < 0) return undefined;
  return typeof reason === "string" ? { jti, atMs, reason } : undefined;
}

/** Whatever is there and cannot be trusted counts against the grant. */
async function readRevocation(folder: string, path: string, jti: string): Promise<RevocationState> {
  try {
    if (!(await checkPrivateFolder(folder))) return { kind: "none" };
    const limits = { maxBytes: maxRevocationBytes, secrecy: "public" } as const;
    const bytes = await readPrivateFile(path, limits);
    if (bytes === undefined) return { kind: "none" };
    const text = strictUtf8(bytes, "dropped");
    const revocation = text === undefined ? undefined : revocationOf(JSON.parse(text));
    if (revocation === undefined) return { kind: "unreadable", finding: `${path} is damaged` };
    if (revocation.jti === jti) return { kind: "revoked", revocation };
    return { kind: "unreadable", finding: `${path} holds the revocation of ${revocation.jti}` };
  } catch (error) {
    return { kind: "unreadable", finding: findingOf(error, path) };
  }
}

/** On a full disk an empty file may still be possible: what is there and says nothing revokes. */
async function writeOrTouch(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writePrivateFile(path, bytes, { replace: false });
  } catch (error) {
    await writePrivateFile(path, new Uint8Array(), { replace: false }).catch(() => {
      throw error;
    });
  }
}

/** Damage shows as TypeError (UTF-8) or SyntaxError (JSON): the place says enough. */
function findingOf(error: unknown, path: string): string {
  return error instanceof AutosdError ? error.message : `${path} is damaged`;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
