import { lstat, mkdir, readFile, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  rememberedGateSchema,
  type EvidenceStore,
  type RememberedGate,
} from "../../delivery/verification/evidence-store.port.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode, isOutOfRoom } from "../../machine/error-code.ts";
import { replaceFile } from "../../machine/whole-file.ts";

const maxLogBytes = 4 * 1024 * 1024;
const maxRemembered = 500;

/** Evidence in `cacheFolder/<key>.json`, logs in each project's `.autosd/evidence`. */
export function createFileEvidence(options: {
  readonly cacheFolder: string;
  readonly log?: Log;
}): EvidenceStore {
  const known = new Map<string, RememberedGate>();
  const lost = (what: string, error: unknown): void =>
    options.log?.warn(what, { reason: messageOf(error) });
  const note = (key: string, gate: RememberedGate): void => {
    known.set(key, gate);
    const [oldest] = known.keys();
    if (known.size > maxRemembered && oldest !== undefined) known.delete(oldest);
  };
  return {
    async recall(key) {
      const inMemory = known.get(key);
      if (inMemory !== undefined) return inMemory;
      const place = placeOf(options.cacheFolder, key);
      const gate = await readGate(place);
      if (gate === undefined) return undefined;
      note(key, gate);
      // What is asked for is forgotten last.
      const now = new Date();
      await utimes(place, now, now).catch(() => undefined);
      return gate;
    },
    async remember(key, gate) {
      if (gate.evidence.verdict !== "green") return;
      note(key, gate);
      await writeWhole(placeOf(options.cacheFolder, key), JSON.stringify(gate)).catch(
        (error: unknown) => lost("evidence could not be remembered", error),
      );
    },
    async archive({ repository, tree, gate, log }) {
      const folders = [".autosd", "evidence", plain(tree)];
      const path = join(repository, ...folders, `${plain(gate)}.log`);
      const text =
        Buffer.byteLength(log) <= maxLogBytes ? log : `${log.slice(0, maxLogBytes / 4)}\n…\n`;
      const write = async (): Promise<void> => {
        await makeOwnFolders(repository, folders);
        await writeWhole(path, text);
      };
      await write().catch((error: unknown) => {
        // Room comes back and the gate runs again; other trouble would stay.
        if (isOutOfRoom(error)) throw new DiskFullError(dirname(path), { cause: error });
        lost("a gate's log could not be stored", error);
      });
    },
  };
}

function placeOf(folder: string, key: string): string {
  return join(folder, plain(key).slice(0, 2), `${plain(key)}.json`);
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
}

/** A damaged or foreign file is no memory. */
async function readGate(path: string): Promise<RememberedGate | undefined> {
  try {
    const parsed = rememberedGateSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success && parsed.data.evidence.verdict === "green" ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** One by one below the project: a link that came with it would lead out, also into files of others. */
async function makeOwnFolders(project: string, names: readonly string[]): Promise<void> {
  await mkdir(project, { recursive: true });
  let folder = project;
  for (const name of names) {
    folder = join(folder, name);
    await mkdir(folder).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is not a folder.`);
  }
}

/** Not synced: losing it costs a gate run. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, text, { mode: 0o600, sync: "nothing" });
}
