import type { QualityProof, RefinedRequirements } from "./refined-requirements.ts";

/** A requirement on the whole product that no test shows to be met, or only in part. */
export interface UnprovenQuality {
  readonly kind: RefinedRequirements["nonfunctional"][number]["kind"];
  readonly statement: string;
  readonly sentences: readonly string[];
  /** Ids of the criteria that show a part of it. */
  readonly criteria: readonly string[];
  readonly reason: string;
}

const unsaid: QualityProof = { kind: "not-proven", reason: "no criterion was named that shows it" };

/** What proves a requirement; a planner that says nothing proves nothing. */
export function proofOf(one: RefinedRequirements["nonfunctional"][number]): QualityProof {
  return one.proof ?? unsaid;
}

/** The requirements on the whole product that are not proven, in the order of the refinement. */
export function unprovenQualities(refined: RefinedRequirements): readonly UnprovenQuality[] {
  return refined.nonfunctional.flatMap((one) => {
    const proof = proofOf(one);
    if (proof.kind === "proven") return [];
    const criteria = proof.kind === "partly" ? proof.criteria : [];
    const { kind, statement, sentences } = one;
    return [{ kind, statement, sentences, criteria, reason: proof.reason }];
  });
}

/** `proven by AC-3.1 to AC-3.4`, `NOT PROVEN: ...`: plain text. */
export function proofText(proof: QualityProof): string {
  switch (proof.kind) {
    case "proven":
      return `proven by ${criteriaText(proof.criteria)}`;
    case "partly":
      return `NOT PROVEN in full: ${criteriaText(proof.criteria)} show a part of it; ${proof.reason}`;
    case "not-proven":
      return `NOT PROVEN: ${proof.reason}`;
  }
}

/** Ids one after the other as ranges: `AC-3.1 to AC-3.4, AC-7.2`. */
export function criteriaText(ids: readonly string[]): string {
  const ranges: { first: string; last: string }[] = [];
  for (const id of ids) {
    const current = ranges.at(-1);
    if (current !== undefined && follows(current.last, id)) current.last = id;
    else ranges.push({ first: id, last: id });
  }
  return ranges
    .map(({ first, last }) => (first === last ? first : `${first} to ${last}`))
    .join(", ");
}

function follows(before: string, after: string): boolean {
  const [left, right] = [numbersOf(before), numbersOf(after)];
  return left?.[0] === right?.[0] && Number(left?.[1]) + 1 === Number(right?.[1]);
}

function numbersOf(id: string): readonly [string, string] | undefined {
  const match = /^AC-(\d+)\.(\d+)$/.exec(id);
  return match === null ? undefined : [match[1] ?? "", match[2] ?? ""];
}
