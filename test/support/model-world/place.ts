import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CliResult, Place } from "../cli.ts";
import { oneSumDocument } from "./scripted-sums.ts";

export type Environment = Readonly<Record<string, string>>;

/** The command that builds one sum with a model, into a folder of the place. */
export async function oneSumRun(
  place: Place,
  provider: string,
  baseUrl: string,
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const file = place.path("one-sum.md");
  await writeFile(file, oneSumDocument);
  return [
    ...["run", "--requirements-file", file, "--output-dir", place.path("sum"), "--json"],
    ...["--provider", provider, "--model", "scripted", "--base-url", baseUrl, ...more],
  ];
}

/** The words of the first command of autosd that a text tells its reader to run. */
export function toldCommand(text: string, pattern: RegExp): readonly string[] {
  const [told] = pattern.exec(text) ?? [];
  if (told === undefined) throw new Error(`no command like ${String(pattern)} in: ${text}`);
  return told.trim().split(" ").slice(1);
}

/** How a program that was started ended, and what it said. */
export async function endOf(child: ChildProcess): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

/** Paths of all files below a folder in which one of the texts stands, byte for byte. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (texts.some((text) => bytes.includes(text))) found.push(path);
  }
  return found;
}
