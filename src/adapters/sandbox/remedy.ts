import { readFile } from "node:fs/promises";
import type { SandboxBackend } from "../../delivery/agent/sandbox.port.ts";

/** What to install or set so that a backend works, from what its probe found. */
export async function remedyFor(
  backend: Exclude<SandboxBackend, "none">,
  finding: string,
): Promise<string> {
  const missing =
    /\b(bwrap|setpriv|perl|prlimit|unshare)(?:: not found| was not found|: command not found|: No such file)/.exec(
      finding,
    )?.[1];
  if (missing === "bwrap")
    return "Install bubblewrap: apt-get install -y bubblewrap (Debian, Ubuntu), dnf install -y bubblewrap (Fedora), apk add bubblewrap (Alpine)";
  if (missing !== undefined)
    return "Install what the sandbox is built with: apt-get install -y util-linux perl-base";
  const setting = await blockingSetting();
  if (setting !== undefined) return `As root: sysctl -w ${setting}`;
  if (/permit|denied|namespace|unshare failed|mount/i.test(finding))
    return backend === "bubblewrap"
      ? "In a container: start it with --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run autosd outside"
      : "In a container: start it with --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or run autosd outside";
  return "Report what `autosd doctor --json` prints; until then choose the other sandbox backend";
}

/** The kernel settings that forbid user namespaces, with the value that allows them. */
async function blockingSetting(): Promise<string | undefined> {
  const value = async (name: string): Promise<string | undefined> => {
    const text = await readFile(`/proc/sys/${name}`, "utf8").catch(() => undefined);
    return text?.trim();
  };
  if ((process.getuid?.() ?? 0) === 0) return undefined;
  if ((await value("kernel/unprivileged_userns_clone")) === "0")
    return "kernel.unprivileged_userns_clone=1";
  if ((await value("user/max_user_namespaces")) === "0") return "user.max_user_namespaces=15000";
  if ((await value("kernel/apparmor_restrict_unprivileged_userns")) === "1")
    return "kernel.apparmor_restrict_unprivileged_userns=0";
  return undefined;
}
