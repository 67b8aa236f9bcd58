import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, join, normalize, relative } from "node:path";
import type { SandboxMount } from "../../delivery/agent/sandbox.port.ts";
import { SandboxError } from "./errors.ts";
import type { ViewStep } from "./plan.ts";

/** Inside paths that belong to the system part of the view. `/tmp` itself is private, below it is free. */
const reserved = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/etc",
  "/dev",
  "/proc",
  "/sys",
  "/run",
];

/** What no mount may show, whoever asks for it. */
export interface Secrets {
  /** Folders and files that are never shown, nor anything that holds them. */
  readonly hidden: readonly string[];
  /** Parts of hidden folders that hold nothing secret. */
  readonly allowed: readonly string[];
}

/**
 * Checked mounts as steps of the view, outer before inner. Throws `AUTOSD-SANDBOX-MOUNT` for a path that
 * is relative or not there, that a symbolic link inside another mount leads elsewhere, that lies
 * over the system, or that would show a secret.
 */
export async function mountSteps(
  mounts: readonly SandboxMount[],
  secrets: Secrets,
): Promise<readonly ViewStep[]> {
  const sorted = [...mounts].sort((one, other) => depth(one.path) - depth(other.path));
  const checked: { readonly mount: SandboxMount; readonly real: string }[] = [];
  for (const mount of sorted) {
    refusePath(mount);
    checked.push({ mount, real: await realSource(mount, mounts) });
  }
  const seen = new Set<string>();
  for (const { mount, real } of checked) {
    if (seen.has(mount.path)) throw refused(mount, "two mounts have the same path inside");
    seen.add(mount.path);
    refuseSecret(mount, real, secrets);
    await refuseMountPoint(mount, checked, real);
  }
  return checked.map(({ mount, real }) => ({
    kind: "bind",
    from: real,
    to: mount.path,
    mode: mount.mode,
  }));
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

function refusePath(mount: SandboxMount): void {
  for (const path of [mount.hostPath, mount.path]) {
    if (path.includes("\0")) throw refused(mount, "a path holds a NUL");
    if (!isAbsolute(path) || normalize(path) !== path || (path.length > 1 && path.endsWith("/")))
      throw refused(mount, "paths must be absolute and without '.', '..' or doubled slashes");
  }
  if (
    mount.path === "/" ||
    mount.path === "/tmp" ||
    reserved.some((top) => isWithin(mount.path, top))
  )
    throw refused(mount, "the path inside belongs to the system");
}

/** Links above the outermost mount are the machine owner's; links below one may be hostile. */
async function realSource(mount: SandboxMount, all: readonly SandboxMount[]): Promise<string> {
  const real = await realpath(mount.hostPath).catch((error: unknown) => {
    throw refused(mount, "the host path is not there", error);
  });
  if ((await lstat(mount.hostPath)).isSymbolicLink())
    throw refused(mount, "the host path is a symbolic link");
  for (const outer of all) {
    if (outer === mount || !isWithin(mount.hostPath, outer.hostPath)) continue;
    const outerReal = await realpath(outer.hostPath).catch(() => outer.hostPath);
    if (real !== join(outerReal, relative(outer.hostPath, mount.hostPath)))
      throw refused(mount, "a symbolic link inside another mount leads elsewhere");
  }
  return real;
}

function refuseSecret(mount: SandboxMount, real: string, secrets: Secrets): void {
  const secret = secrets.hidden.find((path) => isWithin(path, real) || isWithin(real, path));
  if (secret === undefined) return;
  const harmless = secrets.allowed.some((path) => isWithin(real, path));
  if (!harmless) throw refused(mount, `it would show ${secret}`);
}

/** Where one mount lies inside another, the mount point must exist there and be no link. */
async function refuseMountPoint(
  mount: SandboxMount,
  all: readonly { readonly mount: SandboxMount; readonly real: string }[],
  real: string,
): Promise<void> {
  const outer = all
    .filter((other) => other.mount !== mount && isWithin(mount.path, other.mount.path))
    .at(-1);
  if (outer === undefined) return;
  const point = join(outer.real, relative(outer.mount.path, mount.path));
  const [found, source] = await Promise.all([lstat(point).catch(() => undefined), lstat(real)]);
  if (found === undefined) throw refused(mount, `its mount point ${point} is not there`);
  if ((await realpath(point)) !== point || found.isSymbolicLink())
    throw refused(mount, "a symbolic link leads its mount point elsewhere");
  if (found.isDirectory() !== source.isDirectory())
    throw refused(mount, "a folder can only be mounted on a folder, a file on a file");
}

/** True for `path` itself and everything below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function refused(mount: SandboxMount, reason: string, cause?: unknown): SandboxError {
  return new SandboxError(
    "AUTOSD-SANDBOX-MOUNT",
    `${mount.hostPath} cannot be mounted at ${mount.path}: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
