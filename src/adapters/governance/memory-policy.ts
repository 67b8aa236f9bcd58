import type { PolicyArchive } from "../../governance/policy/policy-archive.port.ts";
import type { PolicySource } from "../../governance/policy/policy-source.port.ts";
import type { PolicyContent } from "../../governance/policy/policy-texts.ts";
import { sha256 } from "../../kernel/hash.ts";

/** Policy files in memory, for tests. */
export interface MemoryPolicySource extends PolicySource {
  /** Project ids by folder. */
  readonly projects: Map<string, string>;
  /** Texts by file: `user`, or a folder, `/` and the file's name. */
  readonly files: Map<string, string>;
}

export function createMemoryPolicySource(): MemoryPolicySource {
  const projects = new Map<string, string>();
  const files = new Map<string, string>();
  const places = new Map<string, string>();
  const content = (file: string): PolicyContent => {
    const text = files.get(file);
    return text === undefined ? { kind: "absent" } : { kind: "text", text };
  };
  return {
    projects,
    files,
    placeOf: async (project) => {
      const directory = places.get(project);
      return directory === undefined
        ? { kind: "unknown", project }
        : { kind: "folder", project, directory };
    },
    texts: async (place) => {
      const user = { file: "user", content: content("user") };
      if (place.kind === "unknown" || projects.get(place.directory) !== place.project) {
        const nothing = {
          file: place.project,
          content: { kind: "unreadable", finding: "its folder is not known" },
        } as const;
        return { user, project: nothing, overlay: { file: "", content: { kind: "absent" } } };
      }
      const at = (name: string) => {
        const file = `${place.directory}/${name}`;
        return { file, content: content(file) };
      };
      return { user, project: at("policy.json"), overlay: at("policy.cedar") };
    },
    remember: async (project, directory) => {
      places.set(project, directory);
    },
  };
}

/** Policies by digest in memory, for tests. */
export function createMemoryPolicyArchive(): PolicyArchive {
  const kept = new Map<string, string>();
  return {
    keep: async (snapshot) => {
      kept.set(sha256(snapshot), snapshot);
    },
    read: async (digest) => kept.get(digest),
  };
}
