import { join } from "node:path";
import { z } from "zod";
import type { Halt, HaltSwitch } from "../../governance/policy/halt-switch.port.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { messageOf } from "../../kernel/thrown.ts";
import {
  listPrivateFolder,
  readPrivateFile,
  removePrivateFile,
  writePrivateFile,
} from "./private-files.ts";

const maxHaltBytes = 16 * 1024;
/** Of a halt of which nothing but its place is known. */
const unknownProject = "?";

const haltSchema = z.strictObject({
  schema: z.literal("autosd/halt@1"),
  project: z.string().min(1),
  reason: z.string(),
  by: z.string(),
  atMs: z.number().int().nonnegative(),
});

/**
 * One file a halt in `<home>/halts`, named by the digest of the project id: asking costs one listing
 * of a folder that is nearly always empty or absent. Whatever is there and cannot be trusted (damage,
 * a link, a folder that others can enter) halts.
 */
export function createHaltFiles(home: string): HaltSwitch {
  const folder = join(home, "halts");
  const read = async (name: string): Promise<Halt | undefined> => readHalt(join(folder, name));
  return {
    haltOf: async (project) => {
      const names = await namesIn(folder);
      if (names.kind === "unreadable") return unreadable(project, names.finding);
      for (const wanted of [project, "*"]) {
        if (!names.files.includes(fileName(wanted))) continue;
        const halt = await read(fileName(wanted));
        // Lifted between the listing and now.
        if (halt === undefined) continue;
        return { ...halt, project: wanted };
      }
      return undefined;
    },
    halt: async (halt) => {
      const path = join(folder, fileName(halt.project));
      const text = `${canonicalJson({ schema: "autosd/halt@1", ...halt })}\n`;
      await writeOrTouch(path, new TextEncoder().encode(text));
    },
    lift: async (project) => removePrivateFile(join(folder, fileName(project))),
    list: async () => {
      const names = await namesIn(folder);
      if (names.kind === "unreadable") return [unreadable("*", names.finding)];
      const halts = await Promise.all(names.files.map(read));
      return halts.filter((halt) => halt !== undefined);
    },
  };
}

function fileName(project: string): string {
  return sha256(project).slice("sha256:".length);
}

async function namesIn(
  folder: string,
): Promise<
  | { readonly kind: "names"; readonly files: readonly string[] }
  | { readonly kind: "unreadable"; readonly finding: string }
> {
  try {
    return { kind: "names", files: await listPrivateFolder(folder) };
  } catch (error) {
    return { kind: "unreadable", finding: messageOf(error) };
  }
}

/** Undefined when it is gone; what cannot be read is a halt. */
async function readHalt(path: string): Promise<Halt | undefined> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: maxHaltBytes, secrecy: "public" });
    if (bytes === undefined) return undefined;
    const text = strictUtf8(bytes, "dropped");
    if (text === undefined) return unreadable(unknownProject, `${path} is damaged`);
    const { project, reason, by, atMs } = haltSchema.parse(JSON.parse(text));
    return { project, reason, by, atMs };
  } catch (error) {
    // A damaged file throws SyntaxError (JSON) or ZodError: the place says enough.
    const finding = error instanceof AutosdError ? error.message : `${path} is damaged`;
    return unreadable(unknownProject, finding);
  }
}

function unreadable(project: string, finding: string): Halt {
  return { project, reason: `a halt that cannot be read (${finding})`, by: "unknown", atMs: 0 };
}

/**
 * On a full disk an empty file may still be possible: it says nothing, and what says nothing halts.
 * The first halt stays: its reason is the reason.
 */
async function writeOrTouch(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writePrivateFile(path, bytes, { replace: false });
  } catch (error) {
    await writePrivateFile(path, new Uint8Array(), { replace: false }).catch(() => {
      throw error;
    });
  }
}
