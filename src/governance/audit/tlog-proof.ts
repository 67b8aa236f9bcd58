/** A C2SP tlog-proof: that an entry stands in the log of a checkpoint. */
export interface TlogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

const header = "c2sp.org/tlog-proof@v1";

/** The text of a `.tlog-proof` file. */
export function formatTlogProof(proof: TlogProof): string {
  const hashes = proof.hashes.map((hash) => Buffer.from(hash).toString("base64"));
  return [header, `index ${proof.index}`, ...hashes, "", proof.checkpoint].join("\n");
}
