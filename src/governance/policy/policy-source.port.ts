import type { PolicyTexts } from "./policy-texts.ts";

/** Where a project's folder is, as far as anybody knows. */
export type PolicyPlace =
  | { readonly kind: "folder"; readonly project: string; readonly directory: string }
  /** Only the user's layer is known: good for showing, never for deciding. */
  | { readonly kind: "unknown"; readonly project: string };

/** The policy files of this machine. Reads only; creates nothing, not even a folder. */
export interface PolicySource {
  /** Folder of a project id, without the database. */
  placeOf(project: string): Promise<PolicyPlace>;
  /**
   * The texts of all layers. Never throws: what cannot be read safely says so in its place. A folder
   * that is not (or no longer) that project's makes the project's layer unreadable.
   */
  texts(place: PolicyPlace): Promise<PolicyTexts>;
  /** Remembers where a project is; replaces what was known. */
  remember(project: string, directory: string): Promise<void>;
}
