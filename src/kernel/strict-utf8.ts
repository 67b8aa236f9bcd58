/** Whether a byte order mark at the beginning is part of the text. */
export type ByteOrderMark = "kept" | "dropped";

/** Text of well-formed UTF-8; undefined for bytes that are not. */
export function strictUtf8(bytes: Uint8Array, mark: ByteOrderMark): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: mark === "kept" }).decode(bytes);
  } catch {
    return undefined;
  }
}
