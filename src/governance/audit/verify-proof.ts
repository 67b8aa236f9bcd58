import { emptyRoot, nodeHash } from "./merkle.ts";

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.from(one).equals(other);

/** RFC 9162 section 2.1.3.2: whether the leaf stands at that place of the tree with this root. */
export function verifyInclusion(claim: {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  if (!Number.isSafeInteger(claim.index) || !Number.isSafeInteger(claim.size)) return false;
  if (claim.index < 0 || claim.index >= claim.size) return false;
  let place = claim.index;
  let last = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0 || sibling.length !== 32) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else hash = nodeHash(hash, sibling);
    place = half(place);
    last = half(last);
  }
  return last === 0 && same(hash, claim.root);
}

/** RFC 9162 section 2.1.4.2: whether the tree with the new root begins with the one with the old. */
export function verifyConsistency(claim: {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size)) return false;
  if (oldSize < 0 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && same(oldRoot, root);
  if (oldSize === 0) return proof.length === 0 && same(oldRoot, emptyRoot);
  return climb(claim);
}

function climb(claim: Parameters<typeof verifyConsistency>[0]): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim;
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  let place = oldSize - 1;
  let last = size - 1;
  while (place % 2 === 1) {
    place = half(place);
    last = half(last);
  }
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let oldHash = start;
  let hash = start;
  for (const sibling of rest) {
    if (last === 0 || sibling.length !== 32) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else hash = nodeHash(hash, sibling);
    place = half(place);
    last = half(last);
  }
  return last === 0 && same(oldHash, oldRoot) && same(hash, root);
}

function half(count: number): number {
  return Math.floor(count / 2);
}

function isPowerOfTwo(count: number): boolean {
  let rest = count;
  while (rest % 2 === 0) rest = half(rest);
  return rest === 1;
}
