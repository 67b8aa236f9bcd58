import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { maxPolicyBytes } from "../../governance/policy/policy-document.ts";
import type { PolicyPlace, PolicySource } from "../../governance/policy/policy-source.port.ts";
import type { PolicyContent } from "../../governance/policy/policy-texts.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { readPrivateFile, writePrivateFile } from "./private-files.ts";

const maxRecordBytes = 64 * 1024;
/** Ids that may become the name of a file. */
const projectId = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const placeSchema = z.strictObject({
  schema: z.literal("autosd/project-place@1"),
  project: z.string(),
  directory: z.string().min(1),
});
const identitySchema = z.object({ projectId: z.string() });

/**
 * `<home>/policy.json`, `<project>/.autosd/policy.json` and `policy.cedar`; where a project is stands
 * in `<home>/projects/<id>.json`, so that a policy is found without the database.
 */
export function createPolicyFiles(home: string): PolicySource {
  const indexOf = (project: string): string => join(home, "projects", `${project}.json`);
  return {
    placeOf: async (project) => {
      const unknown = { kind: "unknown", project } as const;
      if (!projectId.test(project)) return unknown;
      const found = await readJson(indexOf(project), placeSchema);
      if (found?.project !== project) return unknown;
      return { kind: "folder", project, directory: found.directory };
    },
    texts: async (place) => ({
      user: await fileOf(join(home, "policy.json")),
      ...(await projectFiles(place)),
    }),
    remember: async (project, directory) => {
      if (!projectId.test(project)) return;
      const known = await readJson(indexOf(project), placeSchema);
      if (known?.directory === directory) return;
      const record = { schema: "autosd/project-place@1", project, directory };
      const bytes = new TextEncoder().encode(`${canonicalJson(record)}\n`);
      await writePrivateFile(indexOf(project), bytes, { replace: true });
    },
  };
}

interface PolicyFile {
  readonly file: string;
  readonly content: PolicyContent;
}

async function projectFiles(
  place: PolicyPlace,
): Promise<{ readonly project: PolicyFile; readonly overlay: PolicyFile }> {
  const nothing = (finding: string): { project: PolicyFile; overlay: PolicyFile } => {
    const file: PolicyFile = {
      file: `project ${place.project}`,
      content: { kind: "unreadable", finding },
    };
    return { project: file, overlay: { file: "policy.cedar", content: { kind: "absent" } } };
  };
  if (place.kind === "unknown") return nothing("its folder is not known on this machine");
  const folder = join(place.directory, ".autosd");
  const state = await lstat(folder).catch(() => undefined);
  if (state?.isDirectory() !== true) return nothing(`${folder} is no folder`);
  const identity = await readJson(join(folder, "project.json"), identitySchema);
  if (identity?.projectId !== place.project)
    return nothing(`${place.directory} is not its folder (any more)`);
  return {
    project: await fileOf(join(folder, "policy.json")),
    overlay: await fileOf(join(folder, "policy.cedar")),
  };
}

/** Others must not be able to write it; a link, a pipe or foreign ownership is no policy. */
async function fileOf(path: string): Promise<PolicyFile> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: maxPolicyBytes, secrecy: "public" });
    if (bytes === undefined) return { file: path, content: { kind: "absent" } };
    const text = strictUtf8(bytes, "dropped");
    if (text === undefined)
      return { file: path, content: { kind: "unreadable", finding: "it is not UTF-8" } };
    return { file: path, content: { kind: "text", text } };
  } catch (error) {
    return { file: path, content: { kind: "unreadable", finding: messageOf(error) } };
  }
}

/** Undefined for whatever is not there, not safe or not of the schema. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: maxRecordBytes, secrecy: "public" });
    if (bytes === undefined) return undefined;
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
