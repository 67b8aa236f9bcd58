const alphabet = /^[A-Za-z0-9_-]*$/;

/** RFC 4648 section 5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/**
 * Undefined for everything but the one canonical text of some bytes: padding, foreign characters,
 * white space and set bits beyond the last byte are refused, so that no two texts mean the same.
 */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!alphabet.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : undefined;
}
