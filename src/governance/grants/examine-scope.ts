import type { PrivilegedAction, PrivilegedActionName } from "./action.ts";
import { failureOf } from "./failure.ts";
import type { GrantChain } from "./grant-file.ts";
import type { Grant, GrantEntry } from "./grant.ts";
import type { GateEvidence, LogFacts } from "./log-facts.ts";
import { allows, covers, dimensions, type ScopeDimension } from "./narrowing.ts";
import type { GrantFailure } from "./reasons.ts";

/** They put a commit in front of others: without one there is nothing that gates could speak for. */
const shipsCommit: readonly PrivilegedActionName[] = [
  "deploy",
  "promote",
  "rollback",
  "push",
  "merge-pr",
];

/** Step 12: one entry alone allows the action. A child is within its parents: step 7 saw to it. */
export function scopeFailures(
  check: { readonly action: PrivilegedAction },
  links: GrantChain,
): readonly GrantFailure[] {
  const { grant } = links[0];
  const entries = grant.authorization_details;
  const { action } = check;
  if (entries.some((entry) => allows(entry, action))) return [];
  const missing = dimensions.filter(
    (dimension) => !entries.some((entry) => covers(entry, action, dimension)),
  );
  // Each is allowed somewhere, but nowhere together: name where the best entry ends.
  const named = missing.length > 0 ? missing : [firstGap(entries, action)];
  return named.map((dimension) =>
    failureOf(
      `scope_${dimension}`,
      { stage: 12, link: 0 },
      `${grant.jti} allows ${allowedIn(entries, dimension)}; ${askedFor(action, dimension)} was requested.`,
      { requested: askedFor(action, dimension) },
    ),
  );
}

function firstGap(entries: readonly GrantEntry[], action: PrivilegedAction): ScopeDimension {
  let left = entries;
  for (const dimension of dimensions) {
    left = left.filter((entry) => covers(entry, action, dimension));
    if (left.length === 0) return dimension;
  }
  return "target";
}

function allowedIn(entries: readonly GrantEntry[], dimension: ScopeDimension): string {
  const names = new Set(entries.flatMap((entry) => namesIn(entry, dimension)));
  return names.size === 0 ? `no ${dimension}` : [...names].slice(0, 10).join(", ");
}

function namesIn(entry: GrantEntry, dimension: ScopeDimension): readonly string[] {
  switch (dimension) {
    case "project":
      return entry.locations;
    case "action":
      return entry.actions;
    case "environment":
      return entry.environments.map((one) => `${entry.actions.join("/")} in ${one}`);
    case "target":
      return entry.targets;
  }
}

function askedFor(action: PrivilegedAction, dimension: ScopeDimension): string {
  switch (dimension) {
    case "project":
      return action.project;
    case "action":
      return action.action;
    case "environment":
      return action.environment === null
        ? `${action.action} in no environment`
        : `${action.action} in ${action.environment}`;
    case "target":
      return action.target ?? "no target";
  }
}

/** Step 12: a grant for one commit or artifact is for no other. */
export function bindFailures(
  check: { readonly action: PrivilegedAction },
  links: GrantChain,
): readonly GrantFailure[] {
  return links.flatMap(({ grant }, link) => [
    ...bindFailure(grant, link, "commit", check.action.commit),
    ...bindFailure(grant, link, "artifact", check.action.artifact),
  ]);
}

function bindFailure(
  { jti, bind }: Grant,
  link: number,
  member: "commit" | "artifact",
  asked: string | null,
): readonly GrantFailure[] {
  const bound = bind[member];
  if (bound === undefined || bound === asked) return [];
  const message = `${jti} is bound to the ${member} ${bound}; ${asked ?? "none"} was requested.`;
  return [failureOf("bind_mismatch", { stage: 12, link }, message, { member })];
}

/**
 * Step 13: gates that the log records as green for the commit. The newest record of a gate counts.
 * A break-glass grant waives those that it names, whoever asks for them.
 */
export async function gatesOf(
  check: {
    readonly action: PrivilegedAction;
    readonly requiredGates: readonly string[];
    readonly facts: Pick<LogFacts, "gatesOf">;
  },
  links: GrantChain,
): Promise<{
  readonly evidence: readonly GateEvidence[];
  readonly failures: readonly GrantFailure[];
}> {
  const { grant } = links[0];
  const { action } = check;
  const waived = grant.waive ?? [];
  const needed = [...new Set([...grant.gates, ...check.requiredGates])].filter(
    (gate) => !waived.includes(gate),
  );
  const { commit } = action;
  if (needed.length === 0 || (commit === null && !shipsCommit.includes(action.action)))
    return { evidence: [], failures: [] };
  const recorded = commit === null ? [] : await check.facts.gatesOf(commit);
  const newest = new Map(recorded.map((one) => [one.name, one]));
  const evidence = needed.flatMap((gate) => newest.get(gate) ?? []);
  const missing = needed.filter((gate) => newest.get(gate)?.ok !== true);
  if (missing.length === 0) return { evidence, failures: [] };
  const required = [...check.requiredGates, ...waived];
  const enough = enoughGates({ needed, required, missing }, newest);
  const hint = commit === null ? "" : hintOf(newest, enough);
  const message = `${grant.jti} needs recorded green gates for ${commit ?? "a commit, and none was named"}; missing: ${missing.join(", ")}${hint}.`;
  const facts = { gates: missing, ...(enough === undefined ? {} : { enough }) };
  return {
    evidence,
    failures: [failureOf("gate_missing", { stage: 13, link: 0 }, message, facts)],
  };
}

/**
 * The green gates that a grant could do with. Undefined where asking for less is no way: nothing is
 * green, something was red, or the policy asks for what is missing.
 */
function enoughGates(
  gates: {
    readonly needed: readonly string[];
    readonly required: readonly string[];
    readonly missing: readonly string[];
  },
  newest: ReadonlyMap<string, GateEvidence>,
): readonly string[] | undefined {
  const { needed, required, missing } = gates;
  if (missing.some((gate) => newest.has(gate) || required.includes(gate))) return undefined;
  const green = needed.filter((gate) => !missing.includes(gate));
  // What is waived here would be missing for a grant that waives nothing.
  const isEnough = green.length > 0 && required.every((gate) => newest.get(gate)?.ok === true);
  return isEnough ? green : undefined;
}

function hintOf(
  newest: ReadonlyMap<string, GateEvidence>,
  enough: readonly string[] | undefined,
): string {
  if (newest.size === 0) return "; no gate is recorded for it, and a run records those of its end";
  return enough === undefined ? "" : ", of which nothing is recorded";
}
