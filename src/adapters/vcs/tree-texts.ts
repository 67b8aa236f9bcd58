import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TreeTexts } from "../../delivery/agent/vcs.port.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { VcsError } from "./errors.ts";
import { plainBytes } from "../../machine/plain-file.ts";
import { blobId } from "./blob-id.ts";
import { runGit } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import type { BlobTexts } from "./recent-texts.ts";
import { objectCall, type Repository } from "./repository.ts";
import { maxFileBytes } from "./scan-folder.ts";
import type { TreeListing } from "./tree-listings.ts";
import { listingOf } from "./tree-reads.ts";
import { withCheckout } from "./trees.ts";

/** All texts of a tree; only blobs that no recent tree had are read from the repository. */
export async function readTexts(
  parts: GitParts,
  repository: Repository,
  tree: string,
): Promise<TreeTexts> {
  const listing = await listingOf(parts, repository, tree);
  const files = [...listing].filter(([, entry]) => entry.mode.startsWith("100"));
  const missing = new Set(
    files.map(([, { blob }]) => blob).filter((blob) => !parts.texts.has(blob)),
  );
  const read =
    (await readBlobs(parts, repository, [...missing])) ??
    (await readCheckout(parts, { repository, tree, missing, files }));
  const blobs = new Map(
    files.map(([, { blob }]) => [blob, missing.has(blob) ? read.get(blob) : parts.texts.get(blob)]),
  );
  parts.texts.remember(blobs);
  const texts = files.flatMap(([path, { blob }]): [string, string][] => {
    const text = blobs.get(blob);
    return text === undefined ? [] : [[path, text]];
  });
  return { paths: [...listing.keys()].sort(), texts: new Map(texts) };
}

const maxLearned = 200;
const maxLearnedBytes = 256 * 1024;

/**
 * Keeps the texts of files that are not in any recent tree, while they lie in a folder: whoever reads
 * the tree next need not start git for them. A file that is not its blob any more is left to git.
 */
export async function learnTexts(
  parts: GitParts,
  folder: string,
  listing: TreeListing,
): Promise<void> {
  const unknown = [...listing].filter(
    ([, { mode, blob }]) => mode.startsWith("100") && !parts.texts.has(blob),
  );
  if (unknown.length > maxLearned) return;
  for (const [path, { blob }] of unknown) {
    const bytes = await plainBytes(join(folder, path), maxLearnedBytes);
    if (bytes !== undefined && blobId(bytes) === blob) parts.texts.learn(blob, textOf(bytes));
  }
}

/**
 * One git for all blobs. Its output comes as text, which a blob that is no UTF-8 would spoil: what
 * does not hash to its blob's id makes the answer undefined.
 */
async function readBlobs(
  parts: GitParts,
  repository: Repository,
  blobs: readonly string[],
): Promise<BlobTexts | undefined> {
  if (blobs.length === 0) return new Map();
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: ["cat-file", "--batch", "--buffer"],
    stdin: `${blobs.join("\n")}\n`,
  }).catch((error: unknown) => {
    // Too large for one answer; a checkout has no such bound.
    if (error instanceof VcsError && error.code === "AUTOSD-VCS-UNSUPPORTED") return undefined;
    throw error;
  });
  return answer === undefined ? undefined : parseBatch(Buffer.from(answer.stdout, "utf8"), blobs);
}

function parseBatch(output: Buffer, blobs: readonly string[]): BlobTexts | undefined {
  const texts = new Map<string, string | undefined>();
  let at = 0;
  for (const blob of blobs) {
    const lineEnd = output.indexOf(0x0a, at);
    const [id, kind, size] = output.toString("latin1", at, Math.max(at, lineEnd)).split(" ");
    const end = lineEnd + 1 + Number(size);
    if (lineEnd < 0 || id !== blob || kind !== "blob" || !(end <= output.length)) return undefined;
    const bytes = output.subarray(lineEnd + 1, end);
    if (blobId(bytes) !== blob) return undefined;
    texts.set(blob, bytes.length > maxFileBytes ? undefined : textOf(bytes));
    at = end + 1;
  }
  return texts;
}

/** The same from files, byte by byte. */
async function readCheckout(
  parts: GitParts,
  of: {
    readonly repository: Repository;
    readonly tree: string;
    readonly missing: ReadonlySet<string>;
    readonly files: readonly (readonly [path: string, entry: { readonly blob: string }])[];
  },
): Promise<BlobTexts> {
  return withCheckout(parts, of.repository, of.tree, async (folder) => {
    const texts = new Map<string, string | undefined>();
    for (const [path, { blob }] of of.files) {
      if (!of.missing.has(blob) || texts.has(blob)) continue;
      const place = join(folder, path);
      const { size } = await lstat(place);
      texts.set(blob, size > maxFileBytes ? undefined : textOf(await readFile(place)));
    }
    return texts;
  });
}

function textOf(bytes: Uint8Array): string | undefined {
  return bytes.includes(0) ? undefined : strictUtf8(bytes, "dropped");
}
