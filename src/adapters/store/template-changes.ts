import { z } from "zod";
import type { TemplateChange } from "../../delivery/agent/learning/prompt-templates.port.ts";
import { hasCode } from "../../machine/error-code.ts";
import { readPlainFile } from "../../machine/plain-file.ts";
import { StateError } from "../../state/errors.ts";
import { appendLine } from "./append-line.ts";
import { fileError } from "./file-errors.ts";

/** Beside the templates: what was written and undone, a line each. */
export const changesFile = "CHANGES.jsonl";
const maxBytes = 16 * 1024 * 1024;

const text = z.string().max(2_000);
const changeSchema = z.object({
  ts: text,
  kind: z.enum(["written", "undone"]),
  id: text,
  name: z.string().regex(/^[a-z][a-z-]{0,40}$/),
  version: z.number().int().positive().max(999_999),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  base: text,
  remedies: z.array(text).max(100),
  evidence: z.array(text).max(100),
});

/** Synced before it returns. */
export async function appendChange(file: string, change: TemplateChange): Promise<void> {
  try {
    await appendLine(file, JSON.stringify(change));
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Whole lines that are changes, in order; nobody's other lines count. */
export async function changesIn(file: string): Promise<readonly TemplateChange[]> {
  const content = await contentOf(file);
  return content
    .slice(0, content.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => {
      const parsed = changeSchema.safeParse(jsonOf(line));
      return parsed.success ? [parsed.data] : [];
    });
}

async function contentOf(path: string): Promise<string> {
  const file = await readPlainFile(path, maxBytes).catch((error: unknown) => {
    if (hasCode(error, "ENOTDIR")) return { kind: "absent" } as const;
    throw fileError(error, path);
  });
  switch (file.kind) {
    case "read":
      return file.bytes.toString("utf8");
    case "absent":
      return "";
    case "too-large":
      throw new StateError("AUTOSD-STATE-IO", `${path} is too large (${file.sizeBytes} bytes).`);
    case "folder":
    case "other":
      throw new StateError("AUTOSD-STATE-IO", `${path} is not a file.`);
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
