import { parseLine } from "../../governance/audit/entry-line.ts";
import type { LogTail } from "../../governance/audit/log-tail.ts";
import { leafHash } from "../../governance/audit/merkle.ts";
import { inclusionProof } from "../../governance/audit/tree-hashes.ts";
import { verifyInclusion } from "../../governance/audit/verify-proof.ts";
import type { GateEvidence } from "../../governance/grants/log-facts.ts";
import { withHashes } from "./audit-hashes.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, tampered } from "./audit-segments.ts";

interface Found {
  readonly seq: number;
  readonly leaf: Uint8Array;
  readonly gates: readonly GateEvidence[];
}

/**
 * Gates of a commit that was recorded long ago, read from the entries themselves. Each entry that is
 * used is proven to stand in the log that ends with `tail`.
 */
export async function olderGates(
  places: AuditPlaces,
  tail: LogTail,
  commit: string,
): Promise<readonly GateEvidence[]> {
  const found = await entriesAbout(places, commit);
  const root = Buffer.from(tail.root(), "base64");
  const gates = new Map<string, GateEvidence>();
  for (const { seq, leaf, gates: more } of found) {
    if (seq >= tail.size) continue;
    const proof = await withHashes(places, tail, (read) => inclusionProof(read, seq, tail.size));
    if (!verifyInclusion({ leaf, index: seq, size: tail.size, root, proof }))
      throw tampered(`entry ${seq} is not the one that was recorded`, { seq });
    for (const gate of more) gates.set(gate.name, gate);
  }
  return [...gates.values()];
}

async function entriesAbout(places: AuditPlaces, commit: string): Promise<readonly Found[]> {
  const mark = Buffer.from(`"commit":${JSON.stringify(commit)}`, "utf8");
  const found: Found[] = [];
  await readLines(
    await listSegments(places.log),
    { segment: 0, offset: 0 },
    {
      enter: () => undefined,
      line: (line) => {
        if (!line.includes(mark)) return undefined;
        const entry = parseLine(line);
        if (entry?.kind !== "evidence" || entry.commit !== commit) return undefined;
        found.push({ seq: entry.seq, leaf: leafHash(line), gates: entry.gates ?? [] });
        return undefined;
      },
    },
  );
  return found;
}
