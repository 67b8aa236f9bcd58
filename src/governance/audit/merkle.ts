import { hash } from "node:crypto";

const leafPrefix = Uint8Array.of(0x00);
const nodePrefix = 0x01;
const hashBytes = 32;

/** Begins with the prefix of a leaf. Reused: a million lines are hashed without as many copies. */
const leafInput = Buffer.alloc(1 + 64 * 1024);

/** RFC 6962 section 2.1: the hash of one entry, over `0x00` and the bytes of its line. */
export function leafHash(line: Uint8Array): Uint8Array {
  if (line.length >= leafInput.length) return sha256Of(Buffer.concat([leafPrefix, line]));
  leafInput.set(line, leafPrefix.length);
  return sha256Of(leafInput.subarray(0, leafPrefix.length + line.length));
}

/** RFC 6962 section 2.1: the hash of two neighbours, over `0x01`, the left and the right one. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes);
  input[0] = nodePrefix;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return sha256Of(input);
}

/** The root of a tree without leaves: the hash of nothing. */
export const emptyRoot: Uint8Array = sha256Of(new Uint8Array(0));

function sha256Of(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}

/**
 * The right edge of a growing tree: the roots of its complete subtrees, largest first. All that is
 * needed to add leaves and to tell the root; at most 53 hashes for any number of leaves.
 */
export class MerkleFrontier {
  #size: number;
  readonly #nodes: Uint8Array[];

  private constructor(size: number, nodes: readonly Uint8Array[]) {
    this.#size = size;
    this.#nodes = [...nodes];
  }

  static empty(): MerkleFrontier {
    return new MerkleFrontier(0, []);
  }

  /** Undefined when so many nodes are not the edge of a tree of that size. */
  static of(size: number, nodes: readonly Uint8Array[]): MerkleFrontier | undefined {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    if (nodes.length !== onesOf(size)) return undefined;
    if (nodes.some((node) => node.length !== hashBytes)) return undefined;
    return new MerkleFrontier(size, nodes);
  }

  get size(): number {
    return this.#size;
  }

  get nodes(): readonly Uint8Array[] {
    return this.#nodes;
  }

  copy(): MerkleFrontier {
    return new MerkleFrontier(this.#size, this.#nodes);
  }

  /**
   * Adds a leaf hash. Tells `completed` each subtree that it completes, the leaf itself first, in
   * rising level: the order in which the tree's hashes are stored.
   */
  append(leaf: Uint8Array, completed?: (hash: Uint8Array) => void): void {
    let node = leaf;
    completed?.(node);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#nodes.pop();
      // The size and the number of nodes always agree.
      if (left === undefined) throw new TypeError("the edge of the tree is incomplete");
      node = nodeHash(left, node);
      completed?.(node);
    }
    this.#nodes.push(node);
    this.#size += 1;
  }

  root(): Uint8Array {
    let root = this.#nodes.at(-1);
    if (root === undefined) return emptyRoot;
    for (const left of this.#nodes.slice(0, -1).reverse()) root = nodeHash(left, root);
    return root;
  }
}

/** How many binary ones: the number of complete subtrees of a tree of that size. */
export function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
