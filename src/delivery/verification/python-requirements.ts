import { z } from "zod";
import { packageName, tomlOf, type PythonManifest } from "./pyproject.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";

/** What is installed for a Python project, gathered from all files that say so. */
export interface PythonRequirements {
  /** The file of the project that names the most of it; undefined: nothing is asked for. */
  readonly source: string | undefined;
  /** Lines by package, names normalised as PEP 503 says. */
  readonly packages: ReadonlyMap<string, string>;
  /** A requirements file that is complete by itself, and the constraints of its versions. */
  readonly text: string;
  readonly constraints: string;
  /** Why nothing can be installed from it. */
  readonly refusal?: string;
  /** Names that are not held to one version: another day may bring another one. */
  readonly unpinned: readonly string[];
}

/** Complete by itself: others beside it are what it was made from. */
const completeFile = "requirements.lock";
const requirementFile =
  /^(?:(?:requirements[-_.])?(?:dev|develop|development|tests?|testing)[-_.]requirements|requirements(?:[-_.](?:dev|develop|development|tests?|testing))?|requirements\/(?:dev|develop|development|tests?|testing|requirements)|tests?\/requirements)\.txt$/;
const lockFiles = ["uv.lock", "poetry.lock", "pdm.lock"];
/** Extras and groups that hold what tests need. */
const testingGroups = ["dev", "develop", "development", "test", "tests", "testing"];

const maxFiles = 50;
const maxSelfReferences = 20;

const lockSchema = z.object({
  package: z
    .array(
      z.looseObject({
        name: z.string(),
        version: z.string().optional(),
        source: z.record(z.string(), z.unknown()).optional().catch(undefined),
      }),
    )
    .catch([]),
});

/** Gathers them. Files that the project does not hold, folders and addresses are refusals. */
export async function pythonRequirements(
  snapshot: ProjectSnapshot,
  manifest: PythonManifest,
): Promise<PythonRequirements> {
  const gathering = new Gathering(snapshot, manifest);
  const files = snapshot.paths.includes(completeFile)
    ? [completeFile]
    : snapshot.paths.filter((path) => requirementFile.test(path)).slice(0, maxFiles);
  for (const file of files) await gathering.readFile(file);
  const isComplete = files[0] === completeFile || gathering.hasHashes;
  if (!isComplete) gathering.addManifest(testingGroups);
  const lockFile = lockFiles.find((path) => snapshot.paths.includes(path));
  const hasLock = lockFile !== undefined && files.length === 0;
  if (hasLock) gathering.addLock(lockFile, (await snapshot.readText(lockFile)) ?? "");
  const sources = [...(hasLock ? [lockFile] : []), ...files];
  const manifestFile = ["pyproject.toml", "setup.cfg"].find((path) =>
    snapshot.paths.includes(path),
  );
  return gathering.end(sources[0] ?? manifestFile);
}

/** Names of a requirements file. */
export function packagesOf(requirements: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const text of logicalLines(requirements)) {
    const name = nameIn(text);
    if (name !== undefined) found.set(name, text);
  }
  return found;
}

function nameIn(text: string): string | undefined {
  const name = /^([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(text)?.[1];
  return name === undefined ? undefined : packageName(name);
}

function logicalLines(text: string): readonly string[] {
  return text
    .replaceAll(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** What a line of a requirements file is. */
type Line =
  | { readonly kind: "package" | "switch"; readonly text: string }
  | { readonly kind: "file" | "constraints"; readonly path: string }
  | { readonly kind: "self"; readonly extras: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

const keptSwitches = /^--(?:pre|require-hashes|prefer-binary|only-binary)\b/;
const place = /^(?:[a-z][a-z0-9+.-]*:|[./~]|[A-Za-z]:[\\/])|\.(?:whl|zip|tar\.gz)(?:\s|$)/;

function lineOf(text: string): Line {
  const [, option = "", value = ""] = /^(-{1,2}[A-Za-z-]+)(?:\s*=\s*|\s*)(.*)$/.exec(text) ?? [];
  if (option === "-r" || option === "--requirement") return { kind: "file", path: value };
  if (option === "-c" || option === "--constraint") return { kind: "constraints", path: value };
  const what = option === "-e" || option === "--editable" ? value : text;
  const self = /^(?:file:)?\.\/?(?:\[([^\]]*)\])?$/.exec(what);
  if (self !== null)
    return {
      kind: "self",
      extras: (self[1] ?? "")
        .split(",")
        .map((one) => packageName(one.trim()))
        .filter((one) => one !== ""),
    };
  if (keptSwitches.test(text)) return { kind: "switch", text };
  if (/^(?:-i|-f|--(?:extra-)?index-url|--find-links|--no-index|--trusted-host)$/.test(option))
    return { kind: "refused", reason: `requirements name another index (${option})` };
  if (option !== "" && what === text)
    return { kind: "refused", reason: `requirements hold an option that is not known (${option})` };
  if (what !== text || place.test(text) || /^[^;#]*\s@\s/.test(text))
    return { kind: "refused", reason: `requirements name a local folder or an address (${what})` };
  return { kind: "package", text };
}

class Gathering {
  hasHashes = false;

  readonly #snapshot: ProjectSnapshot;
  readonly #manifest: PythonManifest;
  readonly #read = new Set<string>();
  readonly #lines: string[] = [];
  readonly #seen = new Set<string>();
  readonly #constraints: string[] = [];
  readonly #packages = new Map<string, string>();
  #selfReferences = 0;
  #refusal: string | undefined;

  constructor(snapshot: ProjectSnapshot, manifest: PythonManifest) {
    this.#snapshot = snapshot;
    this.#manifest = manifest;
  }

  async readFile(path: string, kind: "file" | "constraints" = "file"): Promise<void> {
    if (this.#read.has(path) || this.#read.size >= maxFiles) return;
    this.#read.add(path);
    const text = await this.#snapshot.readText(path);
    if (text === undefined) {
      this.#refuse(`requirements name ${path}, which is not there`);
      return;
    }
    for (const one of logicalLines(text)) {
      const line = lineOf(one);
      if (line.kind === "file" || line.kind === "constraints") {
        const other = beside(path, line.path);
        await this.readFile(other, kind === "constraints" ? kind : line.kind);
      } else if (kind === "constraints") this.#constraints.push(one);
      else this.#add(line);
    }
  }

  /** What the manifest asks for and no file has named. */
  addManifest(groups: readonly string[]): void {
    if (this.#manifest.refusal !== undefined && this.#packages.size === 0)
      this.#refuse(this.#manifest.refusal);
    const known = new Set(this.#packages.keys());
    const { dependencies, extras } = this.#manifest;
    for (const one of [...dependencies, ...groups.flatMap((group) => extras[group] ?? [])]) {
      const name = nameIn(one);
      if (name === undefined || !known.has(name)) this.#addText(one);
    }
  }

  /** Versions of a lockfile; packages that stand there more than once are left to the resolver. */
  addLock(file: string, text: string): void {
    const parsed = lockSchema.safeParse(tomlOf(text));
    if (!parsed.success) {
      this.#refuse(`${file} cannot be read`);
      return;
    }
    const versions = new Map<string, Set<string>>();
    for (const { name, version, source } of parsed.data.package) {
      const isElsewhere = ["virtual", "editable", "directory", "path", "git", "url"].some(
        (key) => source?.[key] !== undefined && source["registry"] === undefined,
      );
      if (version === undefined || isElsewhere) continue;
      const key = packageName(name);
      versions.set(key, (versions.get(key) ?? new Set()).add(version));
    }
    for (const [name, [version = "", ...more]] of versions)
      if (more.length === 0) this.#constraints.push(`${name}==${version}`);
  }

  end(source: string | undefined): PythonRequirements {
    const pinned = packagesOf(this.#constraints.filter(isPinned).join("\n"));
    const unpinned = [...this.#packages]
      .filter(([name, text]) => !isPinned(text) && !pinned.has(name))
      .map(([name]) => name);
    return {
      source: this.#packages.size === 0 && this.#refusal === undefined ? undefined : source,
      packages: this.#packages,
      text: this.#lines.map((one) => `${one}\n`).join(""),
      constraints: this.#constraints.map((one) => `${one}\n`).join(""),
      ...(this.#refusal === undefined ? {} : { refusal: this.#refusal }),
      unpinned,
    };
  }

  #addText(text: string): void {
    this.#add(lineOf(text.trim()));
  }

  #add(line: Line): void {
    switch (line.kind) {
      case "refused": {
        this.#refuse(line.reason);
        return;
      }
      case "self": {
        this.#addSelf(["", ...line.extras]);
        return;
      }
      case "switch":
        this.#lines.push(line.text);
        return;
      case "package": {
        this.#addPackage(line.text);
        return;
      }
      case "file":
      case "constraints": {
        this.#refuse(`requirements name ${line.path}, which is not there`);
        return;
      }
    }
  }

  #addPackage(text: string): void {
    const name = nameIn(text);
    if (name === undefined) {
      this.#refuse(`requirements hold a line that is not known (${text})`);
      return;
    }
    if (name === this.#manifest.name) {
      const extras = /^[^[;]*\[([^\]]*)\]/.exec(text)?.[1] ?? "";
      this.#addSelf(extras.split(",").map((one) => packageName(one.trim())));
      return;
    }
    if (/\s--hash\b/.test(text)) this.hasHashes = true;
    if (this.#seen.has(text)) return;
    this.#seen.add(text);
    this.#packages.set(name, text);
    this.#lines.push(text);
  }

  /** The project itself lies beside its tests: what it needs is installed in its stead. */
  #addSelf(extras: readonly string[]): void {
    this.#selfReferences += 1;
    if (this.#selfReferences > maxSelfReferences) return;
    const wanted = extras.flatMap((name) =>
      name === "" ? this.#manifest.dependencies : (this.#manifest.extras[name] ?? []),
    );
    for (const one of wanted) this.#addText(one);
  }

  #refuse(reason: string): void {
    this.#refusal ??= reason;
  }
}

function isPinned(text: string): boolean {
  return /^[^;]+===?\s*[^\s,;*]+\s*(?:;|--hash|$)/.test(text);
}

/** A path as a requirements file names it: from its own folder. */
function beside(path: string, other: string): string {
  const parts = [...path.split("/").slice(0, -1), ...other.split("/")];
  const found: string[] = [];
  for (const part of parts) {
    if (part === "..") {
      // Above the project: a file of nobody.
      if (found.pop() === undefined) return other;
    } else if (part !== "." && part !== "") found.push(part);
  }
  return found.join("/");
}
