import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { placeFile } from "./place-file.ts";
import type { Identity, ViewStep } from "./plan.ts";

/** Where the command finds its home: on the private `/tmp`. */
export const sandboxHome = "/tmp/home";

/** What of `/etc` programs need; nothing in it is secret or says who uses the machine. */
const etcEntries = [
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "debian_version",
  "fonts",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "os-release",
  "pki/ca-trust",
  "pki/tls/certs",
  "protocols",
  "services",
  "ssl/cert.pem",
  "ssl/certs",
  "ssl/openssl.cnf",
  "timezone",
] as const;

/**
 * The read-only system part of the view, the same for every command: `/usr` and its links, some of
 * `/etc`. `folder` receives the stubs of `/etc/passwd` and the like.
 */
export async function systemView(options: {
  readonly folder: string;
  readonly identity: Identity;
}): Promise<readonly ViewStep[]> {
  return [...(await usrView()), ...(await etcView()), ...(await stubs(options))];
}

async function usrView(): Promise<readonly ViewStep[]> {
  const steps: ViewStep[] = [{ kind: "bind", from: "/usr", to: "/usr", mode: "read-only" }];
  for (const path of ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]) {
    const step = await stepOf(path, path);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

async function etcView(): Promise<readonly ViewStep[]> {
  const steps: ViewStep[] = [];
  for (const entry of etcEntries) {
    const step = await stepOf(`/etc/${entry}`, `/etc/${entry}`);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/** A link stays a link where its target is shown anyway; else what it points to is bound. */
async function stepOf(from: string, to: string): Promise<ViewStep | undefined> {
  const found = await lstat(from).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isSymbolicLink()) return { kind: "bind", from, to, mode: "read-only" };
  const real = await realpath(from).catch(() => undefined);
  if (real === undefined) return undefined;
  if (real.startsWith("/usr/")) return { kind: "link", target: real, path: to };
  return { kind: "bind", from: real, to, mode: "read-only" };
}

async function stubs(options: {
  readonly folder: string;
  readonly identity: Identity;
}): Promise<readonly ViewStep[]> {
  const { uid, gid } = options.identity;
  const files: Readonly<Record<string, string>> = {
    passwd: `root:x:0:0:root:/:/bin/sh\nsandbox:x:${uid}:${gid}:sandbox:${sandboxHome}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
    group: `root:x:0:\nsandbox:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "",
  };
  const steps: ViewStep[] = [];
  for (const [name, content] of Object.entries(files)) {
    const from = await placeFile(options.folder, { name, content, mode: 0o644 });
    steps.push({ kind: "bind", from, to: `/etc/${name}`, mode: "read-only" });
  }
  return steps;
}

/**
 * Node and npm where they stand outside `/usr` (a version manager below a home folder, an archive
 * unpacked below `/tmp`): exactly the program and its `lib/node_modules`, never the whole prefix, which
 * may be somebody's home. Belongs over the private `/tmp`, which would hide it.
 */
export async function nodeView(execPath: string): Promise<readonly ViewStep[]> {
  const real = await realpath(execPath);
  if (real.startsWith("/usr/")) return [];
  const steps: ViewStep[] = [{ kind: "bind", from: real, to: real, mode: "read-only" }];
  if (real.startsWith("/nix/store/"))
    return [{ kind: "bind", from: "/nix/store", to: "/nix/store", mode: "read-only" }];
  const bin = dirname(real);
  const modules = join(dirname(bin), "lib", "node_modules");
  if (
    basename(bin) !== "bin" ||
    (await lstat(join(modules, "npm")).catch(() => undefined)) === undefined
  )
    return steps;
  steps.push({ kind: "bind", from: modules, to: modules, mode: "read-only" });
  for (const name of ["npm", "npx", "corepack"]) {
    const target = await readlink(join(bin, name)).catch(() => undefined);
    if (target !== undefined) steps.push({ kind: "link", target, path: join(bin, name) });
  }
  return steps;
}
