import { canonicalBase64 } from "./signed-note.ts";

/** A C2SP tlog-proof: that an entry stands in the log of a checkpoint. */
export interface TlogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

const header = "c2sp.org/tlog-proof@v1";
const indexLine = /^index (0|[1-9][0-9]{0,15})$/;
const maxHashes = 63;

/** The text of a `.tlog-proof` file. */
export function formatTlogProof(proof: TlogProof): string {
  const hashes = proof.hashes.map((hash) => Buffer.from(hash).toString("base64"));
  return [header, `index ${proof.index}`, ...hashes, "", proof.checkpoint].join("\n");
}

/** Undefined for what is no proof; extra data is allowed and left out. Nothing is verified. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const end = text.indexOf("\n\n");
  const lines = end === -1 ? [] : text.slice(0, end).split("\n");
  if (lines.shift() !== header) return undefined;
  if (lines[0]?.startsWith("extra ") === true) lines.shift();
  const [, index = ""] = indexLine.exec(lines.shift() ?? "") ?? [];
  if (index === "" || lines.length > maxHashes) return undefined;
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = canonicalBase64(line);
    if (hash?.length !== 32) return undefined;
    hashes.push(hash);
  }
  return { index: Number(index), hashes, checkpoint: text.slice(end + 2) };
}
