import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { describeType } from "./describe-type.ts";
import { nearMatch } from "../kernel/near-match.ts";
import type { OptionType } from "./option.ts";
import { shellWords } from "./shell-words.ts";

/** A value of an option once parsed. */
export type OptionValue = string | number | boolean | readonly string[];

/** Where relative paths start, and what `~` means. */
export interface PathBase {
  /** Undefined: the current folder is gone. */
  readonly folder: string | undefined;
  /** Undefined: this user has none. */
  readonly userHome: string | undefined;
}

export type Parsed =
  | { readonly kind: "value"; readonly value: OptionValue }
  /** `problem` goes on from the option's name: `must be ...`. */
  | { readonly kind: "invalid"; readonly problem: string };

const host =
  /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,20})(?::([1-9]\d{0,4}))?$/;

/** The schema of an option as it stands in a JSON file. */
function schemaOf(type: OptionType): z.ZodType<OptionValue> {
  switch (type.kind) {
    case "boolean":
      return z.boolean();
    case "integer":
      return z.int().min(type.minimum).max(type.maximum);
    case "amount":
      return z.number().min(type.minimum).max(type.maximum);
    case "word":
      return z.string().regex(/^[!-~]{1,128}$/);
    case "url":
      return z.string().max(2_048).refine(isPlainAddress);
    case "choice":
      return z.enum(type.choices);
    case "name":
      return z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/);
    case "path":
      return z
        .string()
        .min(1)
        .max(4_096)
        .refine((path) => path.trim() !== "" && !path.includes("\0"));
    case "command":
      return z.array(z.string().max(4_096).refine(isWord)).min(1).max(100);
    case "variables":
      return z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)).max(64);
    case "paths":
      return z.array(z.string().min(1).max(4_096).refine(isWord)).max(64);
    case "hosts":
      return z.array(z.string().toLowerCase().regex(host).refine(hasPossiblePort)).max(64);
  }
}

function isWord(text: string): boolean {
  return !text.includes("\0");
}

/** What is in a URL ends up in messages: nothing secret may be in it. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

function hasPossiblePort(entry: string): boolean {
  const port = host.exec(entry)?.[1];
  return port === undefined || Number(port) <= 65_535;
}

/** A value of a JSON file, or one that the command line has parsed. */
export function parseValue(type: OptionType, value: unknown, base: PathBase): Parsed {
  const result = schemaOf(type).safeParse(value);
  if (!result.success) return { kind: "invalid", problem: expectation(type, value) };
  if (type.kind === "path" && typeof result.data === "string")
    return absolutePath(result.data, base);
  if (type.kind === "paths" && Array.isArray(result.data)) return absolutePaths(result.data, base);
  return { kind: "value", value: result.data };
}

/** What the table itself holds, which is of its type: only a path depends on where it is read. */
export function parseDefault(type: OptionType, value: OptionValue, base: PathBase): Parsed {
  return type.kind === "path" && typeof value === "string"
    ? absolutePath(value, base)
    : { kind: "value", value };
}

/** A value from text: the environment, or a flag that was not parsed. */
export function parseText(type: OptionType, text: string, base: PathBase): Parsed {
  if (text.trim() === "") return { kind: "invalid", problem: "is set but empty; unset it instead" };
  switch (type.kind) {
    case "boolean": {
      const word = text.trim().toLowerCase();
      const value = ["1", "true", "yes", "on"].includes(word)
        ? true
        : ["0", "false", "no", "off"].includes(word)
          ? false
          : text;
      return parseValue(type, value, base);
    }
    case "integer":
      return parseValue(type, /^[+-]?\d{1,15}$/.test(text.trim()) ? Number(text) : text, base);
    case "amount":
      return parseValue(
        type,
        /^\d{1,9}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : text,
        base,
      );
    case "hosts":
    case "variables":
      return parseValue(type, partsOf(text, ","), base);
    case "paths":
      return parseValue(type, partsOf(text, ":"), base);
    case "command": {
      const words = shellWords(text);
      return words === undefined
        ? { kind: "invalid", problem: "has a quote that does not end" }
        : parseValue(type, words, base);
    }
    case "path":
      return parseValue(type, text, base);
    case "choice":
    case "name":
    case "word":
    case "url":
      return parseValue(type, text.trim(), base);
  }
}

function partsOf(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function absolutePaths(paths: readonly string[], base: PathBase): Parsed {
  const found: string[] = [];
  for (const path of paths) {
    const parsed = absolutePath(path, base);
    if (parsed.kind === "invalid") return parsed;
    found.push(String(parsed.value));
  }
  return { kind: "value", value: found };
}

function absolutePath(path: string, base: PathBase): Parsed {
  if (path === "~" || path.startsWith("~/"))
    return base.userHome === undefined
      ? { kind: "invalid", problem: `is ${path}, but this user has no home folder; name another` }
      : { kind: "value", value: join(base.userHome, path.slice(1)) };
  if (path.startsWith("~"))
    return { kind: "invalid", problem: `must not begin with another user's ~ (${show(path)})` };
  if (isAbsolute(path)) return { kind: "value", value: resolve(path) };
  return base.folder === undefined
    ? { kind: "invalid", problem: `is relative (${show(path)}), but the current folder is gone` }
    : { kind: "value", value: resolve(base.folder, path) };
}

function expectation(type: OptionType, value: unknown): string {
  const near =
    type.kind === "choice" && typeof value === "string"
      ? nearMatch(value, type.choices)
      : undefined;
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return `must be ${describeType(type)}, not ${show(withoutUser(type, value))}${hint}`;
}

/** What stands before the host may be a password. */
function withoutUser(type: OptionType, value: unknown): unknown {
  const isAddress = type.kind === "url" && typeof value === "string";
  return isAddress ? value.replace(/\/\/.*@/s, "//...@").replace(/\?.*/s, "?...") : value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
