import type { ProjectFiles } from "../../state/project-files.port.ts";
import { projectPathParts, refuseLineBreaks } from "../../state/project-path.ts";
import { StateError } from "../../state/errors.ts";

/** Project files in memory, for tests of flows. `files` is keyed by `<project>\n<path>`. */
export function createMemoryProjectFiles(files = new Map<string, string>()): ProjectFiles {
  const keyOf = (project: string, path: string): string => {
    if (projectPathParts(path).length === 0) throw notAFile(path);
    return `${project}\n${path}`;
  };
  return {
    async read(project, path) {
      return files.get(keyOf(project, path));
    },
    async readPart(project, path, offset, maxBytes) {
      const text = files.get(keyOf(project, path));
      if (text === undefined) return undefined;
      const bytes = Buffer.from(text, "utf8");
      const part = bytes.subarray(offset, offset + maxBytes);
      return { bytes: part, size: bytes.length, identity: "memory" };
    },
    async write(project, path, content) {
      files.set(keyOf(project, path), content);
    },
    async append(project, path, line) {
      refuseLineBreaks(line, path);
      const key = keyOf(project, path);
      files.set(key, `${files.get(key) ?? ""}${line}\n`);
    },
    async list(project, folder) {
      const parts = projectPathParts(folder);
      const prefix = `${project}\n${parts.map((part) => `${part}/`).join("")}`;
      const names = [...files.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length).split("/")[0] ?? "");
      return [...new Set(names)].sort();
    },
  };
}

function notAFile(path: string): StateError {
  return new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is the .autosd folder, not a file.`);
}
