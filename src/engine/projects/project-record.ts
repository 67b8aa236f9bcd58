import type { z } from "zod";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { ProjectError } from "./errors.ts";

/** Paths below `<project>/.autosd/`. */
export const projectPaths = {
  requirements: "requirements.md",
  refined: "refined_requirements.json",
  backlog: "backlog.json",
  sprintLog: "sprint_log.jsonl",
} as const;

/** Host path of a file below `.autosd`, for people. */
export function shownPath(directory: string, path: string): string {
  return `${directory.replace(/\/+$/, "")}/.autosd/${path}`;
}

/** Makes the error of a record that cannot be read; `reason` is a sentence. */
export type Refusal = (file: string, reason: string) => Error;

const recordInvalid: Refusal = (file, reason) =>
  new ProjectError("AUTOSD-RECORD-INVALID", `${file} cannot be used. ${reason}`, {
    details: { file },
    remedy: `Restore ${file} from a copy, or move it away, then run the command again.`,
  });

/**
 * A JSON record of a project, parsed; undefined when absent. What does not parse throws
 * AUTOSD-RECORD-INVALID (or what `refuse` makes) and is left as it is.
 */
export async function readRecord<T>(
  files: ProjectFiles,
  place: { readonly directory: string; readonly path: string },
  schema: z.ZodType<T>,
  refuse: Refusal = recordInvalid,
): Promise<T | undefined> {
  const text = await files.read(place.directory, place.path);
  if (text === undefined) return undefined;
  return parseRecord(text, shownPath(place.directory, place.path), schema, refuse);
}

/** One record of JSON text; `file` is named when it does not parse. */
export function parseRecord<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  refuse: Refusal = recordInvalid,
): T {
  const json = parseJson(text);
  if (json === undefined) throw refuse(file, "It is not JSON.");
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const where = first === undefined || first.path.length === 0 ? "" : `${first.path.join(".")}: `;
  throw refuse(file, `${where}${first?.message ?? "It has another shape"}.`);
}

/** Indented, so that people can read and diff it; ends with a newline. */
export async function writeRecord(
  files: ProjectFiles,
  place: { readonly directory: string; readonly path: string },
  record: object,
): Promise<void> {
  await files.write(place.directory, place.path, `${JSON.stringify(record, null, 2)}\n`);
}

/** AUTOSD-PROJECT-NOT-FOUND for a folder, with the command that makes it a project. */
export function notAProject(directory: string): ProjectError {
  return new ProjectError("AUTOSD-PROJECT-NOT-FOUND", `${directory} holds no autosd project.`, {
    remedy: `autosd run --requirements-file requirements.md --output-dir ${directory}`,
    details: { directory },
  });
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
