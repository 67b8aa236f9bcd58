import { createHash } from "node:crypto";

/** The id that git gives these bytes as a file. */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
