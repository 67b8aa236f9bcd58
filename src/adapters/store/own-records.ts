import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../../kernel/hash.ts";
import {
  type OwnRecords,
  type RecordContent,
  rememberedContents,
} from "../../state/own-records.port.ts";
import { fileError, systemCode } from "./file-errors.ts";

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
    await replace(file, `${JSON.stringify(record)}\n`);
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
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if ((await handle.stat()).size > maxFileBytes) return undefined;
      const parsed = fileSchema.safeParse(JSON.parse(await handle.readFile("utf8")));
      return parsed.success ? parsed.data : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return undefined;
    throw fileError(error, file);
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
