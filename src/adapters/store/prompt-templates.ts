import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LearningError } from "../../delivery/agent/learning/errors.ts";
import type {
  PromptTemplates,
  TakenBack,
  TemplateChange,
  TemplatePlace,
  TemplateReason,
  TemplateVersion,
} from "../../delivery/agent/learning/prompt-templates.port.ts";
import {
  parseTemplateId,
  templateId,
  type TemplateScope,
} from "../../delivery/agent/learning/template-id.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import { isoTime } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/hash.ts";
import { appendChange, changesIn, changesFile } from "./template-changes.ts";
import {
  isPlainFolder,
  makePlainFolders,
  putTemplate,
  readTemplate,
  removeTemplate,
  versionsIn,
} from "./template-files.ts";

/** Where templates stand on this machine. */
export interface TemplateFolders {
  /** The package's, `templates/prompts`; it is only read. */
  readonly packaged: string;
  /** `<home>/prompts`. Nothing that autosd runs can write there. */
  readonly home: string;
  /** Told which version of a project is not used, since it was not written on this machine. */
  readonly onForeign?: (file: string) => void;
}

/** Every project's versions that were written on this machine: in the home folder, out of reach of projects. */
const writtenForProjects = "projects.jsonl";

/** Prompt templates in files: `<folder>/<name>/<version>.md`. */
export function createPromptTemplates(folders: TemplateFolders): PromptTemplates {
  const files = new TemplateStore(folders);
  return {
    names: () => files.names(),
    inForce: (name, directory) => files.inForce(name, directory),
    named: (id, directory) => files.named(id, directory),
    add: (place, name, text, reason) => files.add(place, name, text, reason),
    takeBack: (place, name, atMs) => files.takeBack(place, name, atMs),
    changes: (place) => changesIn(join(files.folderOf(place), changesFile)),
  };
}

class TemplateStore {
  readonly #folders: TemplateFolders;

  constructor(folders: TemplateFolders) {
    this.#folders = folders;
  }

  async names(): Promise<readonly string[]> {
    const { packaged } = this.#folders;
    if (!(await isPlainFolder(packaged))) return [];
    const found: string[] = [];
    for (const name of (await readdir(packaged)).sort())
      if (parseTemplateId(`${name}@1`) !== undefined) found.push(name);
    return found;
  }

  folderOf(place: TemplatePlace): string {
    return place.scope === "home"
      ? this.#folders.home
      : join(place.directory, ".autosd", "prompts");
  }

  async inForce(name: string, directory: string | undefined): Promise<TemplateVersion> {
    for (const [scope, folder] of this.#searched(directory)) {
      const found = await this.#newest(scope, folder, name);
      if (found !== undefined) return found;
    }
    throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", `there is no prompt template "${name}"`, {
      remedy: "Install autosd again: its templates are missing.",
    });
  }

  async named(id: string, directory: string | undefined): Promise<TemplateVersion | undefined> {
    const wanted = parseTemplateId(id);
    if (wanted === undefined) return undefined;
    const folder = this.#searched(directory).find(([scope]) => scope === wanted.scope)?.[1];
    if (folder === undefined) return undefined;
    const found = await this.#version(wanted.scope, folder, wanted.name, wanted.version);
    return found?.id === id ? found : undefined;
  }

  async add(
    place: TemplatePlace,
    name: string,
    text: string,
    reason: TemplateReason & { readonly atMs: number },
  ): Promise<TemplateVersion> {
    const folder = this.folderOf(place);
    const { scope } = place;
    const base = parseTemplateId(reason.base)?.version ?? 0;
    const digest = sha256(text);
    const version = 1 + Math.max(base, ...(await versionsIn(folder, name)));
    const id = templateId({ name, version, scope, digest });
    if (parseTemplateId(id) === undefined) throw tooManyVersions(folder, name);
    const { remedies, evidence, atMs } = reason;
    const change: TemplateChange = {
      ...{ ts: isoTime(atMs), kind: "written", id, name, version, digest },
      ...{ base: reason.base, remedies, evidence },
    };
    await makePlainFolders([this.#folders.home]);
    if (scope === "project") {
      await makePlainFolders([join(folder, ".."), folder]);
      // Trusted before it is there: a crash in between leaves nothing that could be used.
      await appendChange(join(this.#folders.home, writtenForProjects), change);
    }
    await appendChange(join(folder, changesFile), change);
    if (!(await putTemplate(folder, name, version, text))) throw takenMeanwhile(folder, change);
    return { id, text: text.trim(), name, version, scope, digest, file: fileOf(folder, change) };
  }

  async takeBack(place: TemplatePlace, name: string | undefined, atMs: number): Promise<TakenBack> {
    const folder = this.folderOf(place);
    // What came with a project may lead to versions of others; a home is where its owner put it.
    if (place.scope === "project")
      for (const one of [join(folder, ".."), folder]) await isPlainFolder(one);
    const change = standing(await changesIn(join(folder, changesFile)), name).at(-1);
    if (change === undefined) return { kind: "nothing" };
    const there = await readTemplate(folder, change.name, change.version);
    if (there !== undefined && there.digest !== change.digest)
      return { kind: "changed", change, file: there.file };
    await isPlainFolder(join(folder, change.name));
    if (there !== undefined) await removeTemplate(folder, change.name, change.version);
    const undone: TemplateChange = { ...change, ts: isoTime(atMs), kind: "undone" };
    await appendChange(join(folder, changesFile), undone);
    return { kind: "undone", change, wasThere: there !== undefined };
  }

  #searched(directory: string | undefined): readonly (readonly [TemplateScope, string])[] {
    const { home, packaged } = this.#folders;
    const own =
      directory === undefined ? [] : [["project", join(directory, ".autosd", "prompts")] as const];
    return [...own, ["home", home], ["package", packaged]];
  }

  async #newest(
    scope: TemplateScope,
    folder: string,
    name: string,
  ): Promise<TemplateVersion | undefined> {
    if (scope === "project" && !(await isPlainFolder(join(folder, "..")))) return undefined;
    for (const version of (await versionsIn(folder, name)).toReversed()) {
      const found = await this.#version(scope, folder, name, version);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #version(
    scope: TemplateScope,
    folder: string,
    name: string,
    version: number,
  ): Promise<TemplateVersion | undefined> {
    const there = await readTemplate(folder, name, version);
    if (there === undefined) return undefined;
    const { file, text, digest } = there;
    if (scope === "project" && !(await this.#isOurs(name, version, digest))) {
      this.#folders.onForeign?.(file);
      return undefined;
    }
    const id = templateId({ name, version, scope, digest });
    return { id, text: text.trim(), name, version, scope, digest, file };
  }

  /** A folder that was moved or cloned keeps its versions: what counts is that the text was written here. */
  async #isOurs(name: string, version: number, digest: string): Promise<boolean> {
    const written = await changesIn(join(this.#folders.home, writtenForProjects));
    return written.some(
      (one) => one.name === name && one.version === version && one.digest === digest,
    );
  }
}

/** What was written and not undone, in the order of writing. */
function standing(
  changes: readonly TemplateChange[],
  name: string | undefined,
): readonly TemplateChange[] {
  const left = new Map<string, TemplateChange>();
  for (const change of changes) {
    if (name !== undefined && change.name !== name) continue;
    const key = `${change.name} ${change.version}`;
    left.delete(key);
    if (change.kind === "written") left.set(key, change);
  }
  return [...left.values()];
}

function fileOf(folder: string, change: TemplateChange): string {
  return join(folder, change.name, `${change.version}.md`);
}

function tooManyVersions(folder: string, name: string): LearningError {
  const file = join(folder, name);
  return new LearningError(
    "AUTOSD-TEMPLATE-CHANGED",
    `${file} holds versions that nobody numbers`,
    {
      remedy: `Move ${file} away, then run the command again.`,
      details: { file },
    },
  );
}

function takenMeanwhile(folder: string, change: TemplateChange): LearningError {
  const file = fileOf(folder, change);
  return new LearningError("AUTOSD-TEMPLATE-CHANGED", `${file} was written by somebody else`, {
    remedy: "Run the command again: it makes the version after that one.",
    details: { file },
  });
}
