import { createHash } from "node:crypto";

/** `sha256:` and 64 hex digits. Text is hashed as UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
