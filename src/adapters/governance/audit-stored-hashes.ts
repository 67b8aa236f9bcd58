import { readSync } from "node:fs";
import { rootOfSize, storedHashes, storedPosition } from "../../governance/audit/tree-hashes.ts";
import { AutosdError } from "../../kernel/errors.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { openPrivateFile } from "./private-files.ts";

const hashBytes = 32;
const hashesPerRead = 32 * 1024;

/**
 * Compares the stored hashes of the tree with those that reading the log gives, in their order.
 * They may be damaged: that is no finding, only a reason not to use them.
 */
export class StoredHashesCheck {
  /** Why the file is not safely this user's, as one sentence; undefined when it is, or is not there. */
  readonly problem: string | undefined;
  readonly #file: Awaited<ReturnType<typeof openPrivateFile>>;
  readonly #buffer = Buffer.alloc(hashesPerRead * hashBytes);
  #filled = 0;
  #next = 0;
  #compared = 0;
  #isSame: boolean;

  private constructor(
    file: Awaited<ReturnType<typeof openPrivateFile>>,
    problem: string | undefined,
  ) {
    this.#file = file;
    this.problem = problem;
    this.#isSame = file !== undefined;
  }

  static async open(places: AuditPlaces): Promise<StoredHashesCheck> {
    const options = { access: "read", create: false, secrecy: "public" } as const;
    try {
      return new StoredHashesCheck(await openPrivateFile(places.hashes, options), undefined);
    } catch (error) {
      if (!(error instanceof AutosdError)) throw error;
      return new StoredHashesCheck(undefined, error.message);
    }
  }

  /** The next hash of the tree. */
  compare(hash: Uint8Array): void {
    this.#compared += 1;
    if (!this.#isSame) return;
    if (this.#next === this.#filled) this.#refill();
    const end = this.#next + hashBytes;
    this.#isSame =
      end <= this.#filled && this.#buffer.compare(hash, 0, hashBytes, this.#next, end) === 0;
    this.#next = end;
  }

  /** Whether all hashes of a tree of that size were compared and are the same. */
  holds(size: number): boolean {
    return this.#isSame && this.#compared === storedHashes(size);
  }

  /** Base64 root of the first `size` entries, from hashes that hold. */
  async rootAt(size: number): Promise<string> {
    const root = await rootOfSize(async (level, index) => {
      const buffer = Buffer.alloc(hashBytes);
      await this.#file?.read(buffer, 0, hashBytes, storedPosition(level, index) * hashBytes);
      return buffer;
    }, size);
    return Buffer.from(root).toString("base64");
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** In the middle of reading lines, which does not wait. */
  #refill(): void {
    const position = (this.#compared - 1) * hashBytes;
    const { fd } = this.#file ?? { fd: -1 };
    this.#filled = readSync(fd, this.#buffer, 0, this.#buffer.length, position);
    this.#filled -= this.#filled % hashBytes;
    this.#next = 0;
  }
}
