import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../../kernel/hash.ts";
import { readPlainFile } from "../../machine/plain-file.ts";
import { replaceFile } from "../../machine/whole-file.ts";
import {
  type OwnRecords,
  type RecordContent,
  rememberedContents,
} from "../../state/own-records.port.ts";
import { fileError } from "./file-errors.ts";

const maxFileBytes = 1024 * 1024;
/** Folders that are looked through for one that was moved. */
const maxFolders = 5_000;

const fileSchema = z.object({
  schema: z.literal("autosd/own-records@1"),
  project: z.string(),
  contents: z.record(z.string(), z.array(z.string())),
});
type RecordFile = z.infer<typeof fileSchema>;

/**
 * In `folder` (a folder of the home, created 0700), a small file a project. Not synced: what a power
 * failure takes is proven anew. Writers of one project hold its lock; those of one process queue here.
 */
export function createOwnRecords(folder: string): OwnRecords {
  let last: Promise<unknown> = Promise.resolve();
  return {
    remember(content) {
      const next = last.then(() => remember(folder, content));
      last = next.catch(() => undefined);
      return next;
    },
    async knows(content) {
      await last;
      const name = fileName(content.project);
      if (holds(await readRecords(join(folder, name)), content)) return true;
      for (const other of (await namesIn(folder)).slice(0, maxFolders))
        if (other !== name && holds(await readRecords(join(folder, other)), content)) return true;
      return false;
    },
  };
}

async function remember(folder: string, content: RecordContent): Promise<void> {
  const { project, name, digest } = content;
  const file = join(folder, fileName(project));
  const before = await readRecords(file);
  const known = before?.contents[name] ?? [];
  if (known.at(-1) === digest) return;
  const digests = [...known.filter((one) => one !== digest), digest].slice(-rememberedContents);
  const record: RecordFile = {
    schema: "autosd/own-records@1",
    project,
    contents: { ...before?.contents, [name]: digests },
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(file, `${JSON.stringify(record)}\n`, { mode: 0o600, sync: "nothing" });
  } catch (error) {
    throw fileError(error, file);
  }
}

function holds(record: RecordFile | undefined, { name, digest }: RecordContent): boolean {
  return record !== undefined && (record.contents[name] ?? []).includes(digest);
}

function fileName(project: string): string {
  return `${sha256(project).slice("sha256:".length, 40)}.json`;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(".json")).sort();
}

/** Undefined for what is not there or is no record: then nothing is known. */
async function readRecords(file: string): Promise<RecordFile | undefined> {
  const found = await readPlainFile(file, maxFileBytes).catch((error: unknown) => {
    throw fileError(error, file);
  });
  if (found.kind !== "read") return undefined;
  try {
    return fileSchema.safeParse(JSON.parse(found.bytes.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
