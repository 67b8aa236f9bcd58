import { emptyRoot, nodeHash, onesOf } from "./merkle.ts";

/**
 * Reads the root of the complete subtree over leaves `index * 2^level` up to
 * `(index + 1) * 2^level`.
 */
export type SubtreeReader = (level: number, index: number) => Promise<Uint8Array>;

/** How many hashes are stored for so many leaves: each leaf, and each subtree it completes. */
export function storedHashes(leaves: number): number {
  return 2 * leaves - onesOf(leaves);
}

/** Where the hash of a complete subtree is stored, counted in hashes. */
export function storedPosition(level: number, index: number): number {
  const lastLeaf = (index + 1) * 2 ** level - 1;
  return storedHashes(lastLeaf) + level;
}

/** The root of the first `size` leaves. */
export async function rootOfSize(read: SubtreeReader, size: number): Promise<Uint8Array> {
  return size === 0 ? emptyRoot : rangeRoot(read, 0, size);
}

/** RFC 6962 section 2.1.1: the neighbours on the way from a leaf to the root of `size` leaves. */
export async function inclusionProof(
  read: SubtreeReader,
  leaf: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  if (leaf < 0 || leaf >= size) throw new RangeError("the leaf is outside the tree");
  const proof: Uint8Array[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    const middle = from + splitOf(to - from);
    if (leaf < middle) {
      proof.push(await rangeRoot(read, middle, to));
      to = middle;
    } else {
      proof.push(await rangeRoot(read, from, middle));
      from = middle;
    }
  }
  return proof.reverse();
}

/** RFC 6962 section 2.1.2: that the tree of `size` leaves begins with the one of `oldSize`. */
export async function consistencyProof(
  read: SubtreeReader,
  oldSize: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  if (oldSize < 0 || oldSize > size) throw new RangeError("the old tree is larger than the new");
  if (oldSize === 0 || oldSize === size) return [];
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = size;
  // Until what is left is the end of the old tree.
  while (oldSize !== to) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      proof.push(await rangeRoot(read, middle, to));
      to = middle;
    } else {
      proof.push(await rangeRoot(read, from, middle));
      from = middle;
    }
  }
  // The verifier knows the old root itself; any other subtree must be told.
  if (from > 0) proof.push(await rangeRoot(read, from, to));
  return proof.reverse();
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The root over leaves from `from` to `to`, `from` being a multiple of the largest subtree in it. */
async function rangeRoot(read: SubtreeReader, from: number, to: number): Promise<Uint8Array> {
  const parts: Promise<Uint8Array>[] = [];
  for (let start = from; start < to;) {
    let level = 0;
    while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level += 1;
    parts.push(read(level, start / 2 ** level));
    start += 2 ** level;
  }
  const hashes = await Promise.all(parts);
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}
