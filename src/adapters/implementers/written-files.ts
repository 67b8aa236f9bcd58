import { z } from "zod";
import type { JsonValue, RenderedFile } from "../../blueprint/platforms/platform.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import { sha256 } from "../../kernel/hash.ts";

/** Committed with every story, so that a copy of the repository knows as much as the original. */
export const recordPath = ".blueprint.json";

const recordSchema = z.object({
  schema: z.literal("autosd/blueprint@1"),
  platform: z.string(),
  /** What the project holds, in the order of the model. */
  stories: z.array(z.object({ id: z.string(), feature: z.string() })),
  /** What the platform remembers of its last rendering; it checks that itself. */
  memory: z.json().optional(),
  /** `sha256:` of each file as it was rendered last, by path. */
  files: z.record(z.string(), z.string()),
});

/** What blueprint wrote into a project last. */
export type WrittenRecord = z.infer<typeof recordSchema>;

/** The record of a project: `absent` before the first story. */
export type FoundRecord =
  | { readonly kind: "found"; readonly record: WrittenRecord }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string };

/** What has to happen to one file of the workspace. */
export type FileChange =
  | { readonly kind: "write"; readonly file: RenderedFile }
  | { readonly kind: "remove"; readonly path: string }
  /** Somebody changed it since it was rendered, and it would have to change. */
  | { readonly kind: "conflict"; readonly path: string };

/** Never throws for what stands in the file. */
export async function readRecord(workspace: Workspace): Promise<FoundRecord> {
  const text = await textOf(workspace, recordPath);
  if (text === undefined) return { kind: "absent" };
  try {
    return { kind: "found", record: recordSchema.parse(JSON.parse(text)) };
  } catch {
    return {
      kind: "damaged",
      reason: `${recordPath} cannot be read: restore it as it was committed (git log -- ${recordPath}), then run again`,
    };
  }
}

/** The record of a rendering, as text. */
export function recordText(
  record: Pick<WrittenRecord, "platform" | "stories"> & { readonly memory?: JsonValue },
  files: readonly RenderedFile[],
): string {
  const digests = Object.fromEntries(files.map(({ path, text }) => [path, sha256(text)]));
  const whole = { schema: "autosd/blueprint@1", ...record, files: digests };
  return `${JSON.stringify(whole, undefined, 1)}\n`;
}

/**
 * What makes the workspace hold `wanted`. A file that stands as it was rendered last is blueprint's;
 * any other is somebody's own, and is left alone unless it would have to change: a conflict.
 */
export async function changesOf(
  workspace: Workspace,
  written: WrittenRecord | undefined,
  wanted: readonly RenderedFile[],
): Promise<readonly FileChange[]> {
  const old = new Map(Object.entries(written?.files ?? {}));
  const next = new Map(wanted.map((file) => [file.path, file]));
  const changes: FileChange[] = [];
  for (const path of [...new Set([...old.keys(), ...next.keys()])].sort()) {
    const change = await changeOf(workspace, path, old.get(path), next.get(path));
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

async function changeOf(
  workspace: Workspace,
  path: string,
  old: string | undefined,
  wanted: RenderedFile | undefined,
): Promise<FileChange | undefined> {
  const target = wanted === undefined ? undefined : sha256(wanted.text);
  if (old === target) return undefined;
  const text = await textOf(workspace, path);
  const present = text === undefined ? undefined : sha256(text);
  if (present === target) return undefined;
  if (present !== old) return { kind: "conflict", path };
  return wanted === undefined ? { kind: "remove", path } : { kind: "write", file: wanted };
}

/** Applies changes without conflicts. */
export async function applyChanges(
  workspace: Workspace,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<void> {
  for (const change of changes) {
    signal.throwIfAborted();
    if (change.kind === "write") {
      const { path, text, executable } = change.file;
      await workspace.write(path, text, { executable });
    }
    if (change.kind === "remove") await workspace.remove(change.path);
  }
}

const maxNamedFiles = 10;

/** Undefined without a conflict; otherwise which files, and what to do. */
export function conflictReason(changes: readonly FileChange[]): string | undefined {
  const paths = changes.flatMap((one) => (one.kind === "conflict" ? [one.path] : []));
  if (paths.length === 0) return undefined;
  const more =
    paths.length > maxNamedFiles ? ` and ${String(paths.length - maxNamedFiles)} more` : "";
  const named = `${paths.slice(0, maxNamedFiles).join(", ")}${more}`;
  return `changed by somebody else since it was written: ${named}. Nothing was overwritten. Take that change out in a commit of your own (git log -- ${paths[0] ?? ""} shows it), run again, then put it back`;
}

async function textOf(workspace: Workspace, path: string): Promise<string | undefined> {
  const content = await workspace.read(path);
  return content === undefined ? undefined : Buffer.from(content).toString("utf8");
}
