import { canonicalBase64, type SignedNote } from "./signed-note.ts";

/** C2SP tlog-checkpoint: what the log was at one size. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64 of the RFC 6962 root of the first `size` entries. */
  readonly root: string;
  /** The derived state that this checkpoint vouches for; undefined: of an empty log. */
  readonly snapshot: SnapshotReference | undefined;
}

/** `state.json` as it was written when the log had `size` entries. */
export interface SnapshotReference {
  readonly size: number;
  /** `sha256:` of its bytes. */
  readonly digest: string;
}

const sizePattern = /^(0|[1-9][0-9]{0,15})$/;
const snapshotPattern = /^autosd-state (0|[1-9][0-9]{0,15}) (sha256:[0-9a-f]{64})$/;

/** The text that is signed. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, snapshot } = checkpoint;
  const extension =
    snapshot === undefined ? [] : [`autosd-state ${snapshot.size} ${snapshot.digest}`];
  return [origin, String(size), root, ...extension, ""].join("\n");
}

/** Undefined for what is no checkpoint of an autosd log. Signatures are not looked at. */
export function parseCheckpoint(note: SignedNote): Checkpoint | undefined {
  const [origin = "", sizeText = "", root = "", ...rest] = note.text.split("\n");
  const end = rest.pop();
  const size = sizePattern.test(sizeText) ? Number(sizeText) : NaN;
  if (origin === "" || end !== "" || rest.length > 1 || !Number.isSafeInteger(size))
    return undefined;
  if (canonicalBase64(root)?.length !== 32) return undefined;
  const [extension] = rest;
  if (extension === undefined) return { origin, size, root, snapshot: undefined };
  const [, at = "", digest = ""] = snapshotPattern.exec(extension) ?? [];
  if (digest === "" || Number(at) > size) return undefined;
  return { origin, size, root, snapshot: { size: Number(at), digest } };
}
