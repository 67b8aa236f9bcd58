import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Checkout, Checkouts } from "../../delivery/verification/checkouts.port.ts";
import { VerificationError } from "../../delivery/verification/errors.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode, isOutOfRoom } from "../../machine/error-code.ts";
import { removeFolder } from "../../machine/remove-folder.ts";

const storageCodes = ["EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOTDIR"] as const;

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
        await removeFolder(place).catch(() => undefined);
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
    // What stays is swept later, with what a killed process left.
    dispose: () => removeFolder(place).catch(() => undefined),
  };
}

function textOf(bytes: Uint8Array): string | undefined {
  return bytes.includes(0) ? undefined : strictUtf8(bytes, "dropped");
}

async function withStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isOutOfRoom(error) && !hasCode(error, ...storageCodes)) throw error;
    const reason = messageOf(error);
    throw new VerificationError(
      "AUTOSD-VERIFY-STORAGE",
      `verification cannot use its scratch folder: ${reason}`,
      { cause: error },
    );
  }
}
