import type { TemplateScope } from "./template-id.ts";

/** A prompt template as models are asked with it. */
export interface PromptTemplate {
  /** As journals name it; equal ids are equal texts. */
  readonly id: string;
  readonly text: string;
}

/** A version of a template, and where it stands. */
export interface TemplateVersion extends PromptTemplate {
  readonly name: string;
  readonly version: number;
  readonly scope: TemplateScope;
  /** `sha256:` of the file as it is. */
  readonly digest: string;
  /** Host path. */
  readonly file: string;
}

/** Where new versions are written. */
export type TemplatePlace =
  { readonly scope: "home" } | { readonly scope: "project"; readonly directory: string };

/** What one change of a template was made for. */
export interface TemplateReason {
  /** Id of the version that it was made from. */
  readonly base: string;
  /** Ids of the remedies that were added. */
  readonly remedies: readonly string[];
  /** One sentence a remedy: what was counted. */
  readonly evidence: readonly string[];
}

/** One line of the change log beside the templates. */
export interface TemplateChange extends TemplateReason {
  readonly ts: string;
  readonly kind: "written" | "undone";
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly digest: string;
}

export type TakenBack =
  /** `now`: what is in force since. `wasThere`: false when somebody had removed the file already. */
  | { readonly kind: "undone"; readonly change: TemplateChange; readonly wasThere: boolean }
  /** Somebody changed the file since: it is left alone. */
  | { readonly kind: "changed"; readonly change: TemplateChange; readonly file: string }
  | { readonly kind: "nothing" };

/**
 * Versioned prompt templates: a project's own before the home folder's before the package's, the
 * newest of each. A project's own count only when they were written here, on this machine: those
 * that come with a repository are somebody else's words.
 */
export interface PromptTemplates {
  /** Names of the package's templates, sorted. */
  names(): Promise<readonly string[]>;
  /** AUTOSD-MODEL-UNCONFIGURED when there is none. Undefined directory: of no project. */
  inForce(name: string, directory: string | undefined): Promise<TemplateVersion>;
  /** The version that a journal names; undefined when it is not there as it was. */
  named(id: string, directory: string | undefined): Promise<TemplateVersion | undefined>;
  /**
   * Writes the next version, whole or not at all, after the change log says so: what was cut off is
   * made good by the same call. AUTOSD-TEMPLATE-CHANGED when that version is there with another text.
   */
  add(
    place: TemplatePlace,
    name: string,
    text: string,
    reason: TemplateReason & { readonly atMs: number },
  ): Promise<TemplateVersion>;
  /** Removes the version of `name` (undefined: of any template) that was written last and not undone. */
  takeBack(place: TemplatePlace, name: string | undefined, atMs: number): Promise<TakenBack>;
  /** The change log, oldest first; lines that are no change are left out. */
  changes(place: TemplatePlace): Promise<readonly TemplateChange[]>;
}
