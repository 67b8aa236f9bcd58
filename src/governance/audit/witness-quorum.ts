import type { NoteKey } from "./signed-note.ts";

/** Somebody elsewhere who cosigns a log's checkpoints, and never two that contradict. */
export interface Witness {
  /** Its name in the policy. */
  readonly name: string;
  readonly key: NoteKey;
  /** Where checkpoints are submitted, without a slash at the end; undefined: not asked from here. */
  readonly url: string | undefined;
}

/** Who must have cosigned a checkpoint. A witness stands at one place of the rule at most. */
export type QuorumRule =
  | { readonly kind: "none" }
  | { readonly kind: "witness"; readonly witness: Witness }
  | {
      readonly kind: "group";
      readonly name: string;
      /** Of its members. */
      readonly need: number;
      readonly members: readonly QuorumRule[];
    };

/** A C2SP tlog-policy. */
export interface WitnessPolicy {
  /** Keys of logs; none: any log that is known from elsewhere. */
  readonly logs: readonly NoteKey[];
  readonly witnesses: readonly Witness[];
  readonly quorum: QuorumRule;
}

/** Whether the witnesses that cosigned one checkpoint are enough. */
export function isQuorum(rule: QuorumRule, cosigned: ReadonlySet<Witness>): boolean {
  switch (rule.kind) {
    case "none":
      return true;
    case "witness":
      return cosigned.has(rule.witness);
    case "group":
      return rule.members.filter((member) => isQuorum(member, cosigned)).length >= rule.need;
  }
}

/** What is missing, for people; undefined when the quorum is met. */
export function missingQuorum(
  rule: QuorumRule,
  cosigned: ReadonlySet<Witness>,
): string | undefined {
  if (isQuorum(rule, cosigned) || rule.kind === "none") return undefined;
  if (rule.kind === "witness") return rule.witness.name;
  const open = rule.members
    .map((member) => missingQuorum(member, cosigned))
    .filter((part) => part !== undefined);
  const more = rule.need - (rule.members.length - open.length);
  const [only] = open;
  return open.length === 1 && only !== undefined
    ? only
    : `${more} of ${rule.name} (${open.join(", ")})`;
}
