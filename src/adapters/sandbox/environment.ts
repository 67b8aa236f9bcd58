import { dirname } from "node:path";
import { sandboxHome } from "./system-view.ts";

/** Names that would change the tools which build the sandbox, or undo its network rule. */
const reserved = /^(LD_|GLIBC_|BASH_ENV$|ENV$|PERL)/;

const systemFolders: readonly string[] = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/** The whole environment of a sandboxed command; nothing is inherited from autosd. */
export function sandboxEnvironment(
  execPath: string,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = Object.fromEntries(Object.entries(added).filter(([name]) => !reserved.test(name)));
  return {
    HOME: sandboxHome,
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    TZ: "UTC",
    USER: "sandbox",
    LOGNAME: "sandbox",
    SHELL: "/bin/sh",
    CI: "1",
    NO_COLOR: "1",
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    npm_config_audit: "false",
    ...own,
    PATH: searchPath(dirname(execPath), own["PATH"]?.split(":") ?? systemFolders),
  };
}

/** The Node that runs autosd comes before the system's, after what the command put first itself. */
function searchPath(node: string, folders: readonly string[]): string {
  if (folders.includes(node) && !systemFolders.includes(node)) return folders.join(":");
  const own = folders.filter((folder) => !systemFolders.includes(folder));
  const system = folders.filter((folder) => systemFolders.includes(folder) && folder !== node);
  return [...own, node, ...system].join(":");
}
