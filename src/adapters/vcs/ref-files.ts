import { join } from "node:path";
import { readPlainFile } from "../../machine/plain-file.ts";

const maxRefFileBytes = 4 * 1024 * 1024;
/** A plain branch name; whatever else git allows is git's to read. */
const plainBranch = /^ref: (refs\/heads\/[A-Za-z0-9_][A-Za-z0-9._/-]*)\n$/;
const suspicious = /\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$/;
const commitLine = /^([0-9a-f]{40})\n$/;

/** What HEAD says as plain files: a branch and, after its first commit, a commit. */
export interface PlainHead {
  readonly ref: string;
  readonly commit: string | undefined;
}

/**
 * Reads HEAD without starting git. `undefined`: the files are anything but the plainest kind
 * (detached, symbolic branch, another ref store, a link), and git has to be asked.
 */
export async function readPlainHead(gitDir: string): Promise<PlainHead | undefined> {
  const head = await readPlain(join(gitDir, "HEAD"));
  if (head.kind !== "text") return undefined;
  const ref = plainBranch.exec(head.text)?.[1];
  if (ref === undefined || suspicious.test(ref)) return undefined;
  return readPlainBranch(gitDir, ref);
}

/** The same for a branch that need not be checked out. */
export async function readPlainBranch(gitDir: string, ref: string): Promise<PlainHead | undefined> {
  if (!plainBranch.test(`ref: ${ref}\n`) || suspicious.test(ref)) return undefined;
  const loose = await readPlain(join(gitDir, ref));
  if (loose.kind === "text") {
    const commit = commitLine.exec(loose.text)?.[1];
    return commit === undefined ? undefined : { ref, commit };
  }
  if (loose.kind === "odd") return undefined;
  // After the loose file: git packs a ref before it removes its file.
  const packed = await readPlain(join(gitDir, "packed-refs"));
  if (packed.kind === "odd") return undefined;
  return { ref, commit: packed.kind === "text" ? packedCommit(packed.text, ref) : undefined };
}

function packedCommit(text: string, ref: string): string | undefined {
  const line = text.split("\n").find((one) => one.slice(41) === ref && one[40] === " ");
  const commit = line?.slice(0, 40);
  return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}

type PlainFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "odd" };

async function readPlain(path: string): Promise<PlainFile> {
  const file = await readPlainFile(path, maxRefFileBytes).catch(() => undefined);
  if (file?.kind === "absent") return { kind: "absent" };
  return file?.kind === "read"
    ? { kind: "text", text: file.bytes.toString("latin1") }
    : { kind: "odd" };
}
