import { z } from "zod";
import type { JsonSchema, ToolSpec } from "../model/model.port.ts";
import { headOf } from "./cut-text.ts";
import { cleanValue } from "./redact-answer.ts";

const path = z.string().min(1).max(1_024);
const maxNameCharacters = 100;
const maxWrittenCharacters = 2_000_000;
const text = z.string().max(maxWrittenCharacters);
const line = z.number().int().positive();

/** Arguments of each tool, as a model must write them. */
const toolArguments = {
  list: z.object({ folder: z.string().max(1_024).optional() }),
  search: z.object({
    text: z.string().min(1).max(500),
    folder: z.string().max(1_024).optional(),
    ignoreCase: z.boolean().optional(),
    isPattern: z.boolean().optional(),
    files: z.string().min(1).max(200).optional(),
  }),
  read: z.object({ path, from: line.optional(), to: line.optional() }),
  replace: z.object({ path, old: text, new: text, all: z.boolean().optional() }),
  write: z.object({ path, content: text }),
  delete: z.object({ path }),
  run: z.object({
    command: z
      .string()
      .min(1)
      .max(20_000)
      .refine((command) => !command.includes("\0"), "it holds a NUL character"),
    timeoutSeconds: z.number().int().positive().max(1_200).optional(),
    inputs: z.array(path).max(100).optional(),
  }),
  done: z.object({
    summary: z.string().min(1).max(4_000),
    acceptanceTests: z.array(path).max(100),
    changedTests: z.array(path).max(100).optional(),
  }),
} as const;

type ToolName = keyof typeof toolArguments;

/** One call with arguments that are what the tool takes. */
export type ToolUse = {
  [K in ToolName]: { readonly tool: K; readonly with: z.infer<(typeof toolArguments)[K]> };
}[ToolName];

const descriptions: Readonly<Record<ToolName, string>> = {
  list: "Lists files, all or below a folder.",
  search:
    "Finds lines that hold a text, or fit it as a regular expression with `isPattern`. `files`: a glob such as `*.ts`.",
  read: "Reads a file, or its lines `from` to `to` (counted from 1). `@story` is the whole story.",
  replace:
    "Replaces `old` by `new` in a file. `old` must occur once, with enough lines around it to be unique; `all` replaces every occurrence.",
  write: "Writes a whole file; creates it and its folders.",
  delete: "Deletes a file.",
  run: "Runs a shell command in the project's folder, in a sandbox. Output is cut in the middle when it is long. `inputs`: all files and folders that it depends on, where you are sure (`[]`: none); stories beside this one then disturb it less.",
  done: "Says that the story is finished. `acceptanceTests`: the test files that show its criteria. `changedTests`: existing tests that the story itself says must change.",
};

const boundWords = new Set([
  ...["$schema", "additionalProperties", "minLength", "maxLength", "minimum", "maximum"],
  ...["exclusiveMinimum", "exclusiveMaximum", "maxItems"],
]);

/** The tools of the implementer, in the one order that they are always sent in. */
export const toolSpecs: readonly ToolSpec[] = toolNames().map((name) => ({
  name,
  description: descriptions[name],
  parameters: schemaOf(toolArguments[name]),
}));

function toolNames(): readonly ToolName[] {
  return Object.keys(toolArguments).filter(isToolName);
}

function isToolName(name: string): name is ToolName {
  return Object.hasOwn(toolArguments, name);
}

/** Bounds are checked here and explained when they are broken; the model is told the shape only. */
function schemaOf(schema: z.ZodType): JsonSchema {
  return z.record(z.string(), z.unknown()).parse(plain(z.toJSONSchema(schema, { io: "input" })));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !boundWords.has(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, plain(one)]));
}

/** A call as a tool use, or what is wrong with it in words for the model. */
export function toolUseOf(name: string, given: unknown): ToolUse | { readonly problem: string } {
  if (!isToolName(name))
    return {
      problem: `There is no tool ${headOf(name, maxNameCharacters)}. The tools: ${toolNames().join(", ")}.`,
    };
  // What a text holds comes to light only now.
  const value = typeof given === "string" ? cleanValue(parsedJson(given)) : given;
  switch (name) {
    case "list":
      return use(name, toolArguments.list.safeParse(value ?? {}));
    case "search":
      return use(name, toolArguments.search.safeParse(value));
    case "read":
      return use(name, toolArguments.read.safeParse(value));
    case "replace":
      return use(name, toolArguments.replace.safeParse(value));
    case "write":
      return use(name, toolArguments.write.safeParse(value));
    case "delete":
      return use(name, toolArguments.delete.safeParse(value));
    case "run":
      return use(name, toolArguments.run.safeParse(value));
    case "done":
      return use(name, toolArguments.done.safeParse(value));
  }
}

function use<K extends ToolName, V>(
  tool: K,
  parsed: z.ZodSafeParseResult<V>,
): { readonly tool: K; readonly with: V } | { readonly problem: string } {
  if (parsed.success) return { tool, with: parsed.data };
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "the arguments"}: ${issue.message}`,
  );
  return { problem: `${tool} was not run: ${problems.slice(0, 5).join("; ")}` };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
