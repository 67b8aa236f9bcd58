import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Checkout, Checkouts } from "../../delivery/verification/checkouts.port.ts";
import { VerificationError } from "../../delivery/verification/errors.ts";

const storageCodes = new Set([
  ...["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOTDIR"],
]);

/**
 * Checkouts below a scratch folder of autosd's own (0700). `openWorkspace` gives safe access to the
 * files of a folder in which foreign commands ran.
 */
export function createScratchCheckouts(options: {
  readonly scratch: string;
  readonly vcs: Vcs;
  readonly openWorkspace: (options: {
    readonly root: string;
    readonly baseTree: string;
  }) => Workspace;
}): Checkouts {
  return {
    readTexts: ({ repository, tree }) => options.vcs.readTexts(repository, tree),
    async open({ repository, tree }) {
      const place = await withStorage(async () => {
        await mkdir(options.scratch, { recursive: true, mode: 0o700 });
        return mkdtemp(join(options.scratch, "checkout-"));
      });
      try {
        const root = join(place, "tree");
        await mkdir(root);
        const [paths] = await Promise.all([
          options.vcs.listFiles(repository, tree),
          options.vcs.materialise(repository, tree, root),
        ]);
        return checkoutOf(place, paths, options.openWorkspace({ root, baseTree: tree }));
      } catch (error) {
        await rm(place, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

function checkoutOf(place: string, paths: readonly string[], files: Workspace): Checkout {
  return {
    root: files.root,
    paths,
    async readText(path) {
      const bytes = await files.read(path).catch(() => undefined);
      return bytes === undefined ? undefined : textOf(bytes);
    },
    write: (path, text) => withStorage(() => files.write(path, text)),
    makeFolder: (path) =>
      withStorage(async () => {
        await mkdir(join(files.root, path), { recursive: true });
      }),
    linkFolder: (path, hostPath) => withStorage(() => symlink(hostPath, join(files.root, path))),
    sideFolder: (name) =>
      withStorage(async () => {
        const folder = join(place, `side-${name.replaceAll(/[^A-Za-z0-9._-]/g, "_")}`);
        await mkdir(folder, { recursive: true });
        return folder;
      }),
    dispose: () => removeFolder(place),
  };
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What ran in the folder may have taken its own permissions away. */
async function removeFolder(place: string): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    await chmod(join(place, "tree"), 0o700).catch(() => undefined);
    await rm(place, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
  }
}

async function withStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!storageCodes.has(code)) throw error;
    const reason = error instanceof Error ? error.message : code;
    throw new VerificationError(
      "AUTOSD-VERIFY-STORAGE",
      `verification cannot use its scratch folder: ${reason}`,
      { cause: error },
    );
  }
}
