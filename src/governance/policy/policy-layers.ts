import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import {
  type Environment,
  environments,
  type PrivilegedActionName,
  privilegedActions,
} from "../grants/action.ts";
import { builtInLimits } from "./built-in-policy.ts";
import {
  type CompleteLimits,
  completeLimitsSchema,
  type LimitName,
  limitNames,
  loosening,
  stricter,
} from "./limits.ts";
import { jsonPlaces } from "./json-places.ts";
import {
  parsePolicyDocument,
  type PolicyDocument,
  type PolicyFreeze,
  type PolicyRule,
} from "./policy-document.ts";
import type { PolicyFinding } from "./policy-finding.ts";
import { type PolicyTexts, snapshotOf } from "./policy-texts.ts";

/** Values of all limits, and where each was said: `built-in`, or a file and the place in it. */
export interface ResolvedLimits {
  readonly values: CompleteLimits;
  readonly sources: Readonly<Record<LimitName, string>>;
}

export interface ResolvedFreeze extends PolicyFreeze {
  readonly source: string;
}

/** What all layers together say. */
export interface ResolvedPolicy {
  /** Digest of the snapshot: of every text that it was resolved from. */
  readonly digest: string;
  readonly snapshot: string;
  limitsFor(action: PrivilegedActionName, environment: Environment | null): ResolvedLimits;
  readonly freezes: readonly ResolvedFreeze[];
  /** Text of `policy.cedar`, when there is one. */
  readonly overlay: { readonly text: string; readonly source: string } | undefined;
}

export type PolicyState =
  | { readonly kind: "resolved"; readonly policy: ResolvedPolicy }
  /** Nothing privileged is allowed. */
  | { readonly kind: "unusable"; readonly findings: readonly PolicyFinding[] };

interface Layer {
  readonly file: string;
  readonly text: string;
  readonly document: PolicyDocument;
}

type Cell = readonly [PrivilegedActionName, Environment | null];

const cells: readonly Cell[] = privilegedActions.flatMap((action) =>
  [...environments, null].map((environment): Cell => [action, environment]),
);

/**
 * Lays the project's policy over the user's over the built-in one. Each may only tighten what is
 * below it; whatever cannot be read, parsed or reconciled makes the whole unusable. Throws nothing.
 */
export function resolvePolicy(texts: PolicyTexts): PolicyState {
  const layers: Layer[] = [];
  const findings: PolicyFinding[] = [];
  for (const { file, content } of [texts.user, texts.project]) {
    if (content.kind === "absent") continue;
    if (content.kind === "unreadable") {
      findings.push({ file, message: content.finding });
      continue;
    }
    const parsed = parsePolicyDocument(content.text, file);
    if (parsed.kind === "refused") findings.push(...parsed.findings);
    else layers.push({ file, text: content.text, document: parsed.document });
  }
  const { overlay } = texts;
  if (overlay.content.kind === "unreadable")
    findings.push({ file: overlay.file, message: overlay.content.finding });
  if (findings.length > 0) return { kind: "unusable", findings };
  const grid = new Map(cells.map((cell) => [keyOf(cell), untouched]));
  for (const layer of layers) findings.push(...tighten(grid, layer));
  if (findings.length > 0) return { kind: "unusable", findings };
  const snapshot = snapshotOf(texts);
  const policy: ResolvedPolicy = {
    digest: sha256(snapshot),
    snapshot,
    limitsFor: (action, environment) => grid.get(keyOf([action, environment])) ?? untouched,
    freezes: layers.flatMap(({ file, document }) =>
      document.freezes.map((freeze, index) => ({ ...freeze, source: `${file} freezes[${index}]` })),
    ),
    overlay:
      overlay.content.kind === "text"
        ? { text: overlay.content.text, source: overlay.file }
        : undefined,
  };
  return { kind: "resolved", policy };
}

function keyOf([action, environment]: Cell): string {
  return `${action} ${environment ?? "none"}`;
}

const untouched: ResolvedLimits = {
  values: builtInLimits,
  sources: {
    allowedActions: "built-in",
    allowedTargets: "built-in",
    requiredGates: "built-in",
    refuseWhenBurning: "built-in",
    quorum: "built-in",
    maxSpendUsd: "built-in",
    minIntervalSeconds: "built-in",
    maxGrantLifetimeHours: "built-in",
    maxDelegationDepth: "built-in",
    unprotectedKeys: "built-in",
    breakGlass: "built-in",
    sandboxNone: "built-in",
  },
};

/** Lays one layer over the grid. A rule is held against the layers below, not against its neighbours. */
function tighten(grid: Map<string, ResolvedLimits>, layer: Layer): readonly PolicyFinding[] {
  const findings = new Map<string, PolicyFinding>();
  for (const cell of cells) {
    const base = grid.get(keyOf(cell)) ?? untouched;
    let next = base;
    for (const [index, rule] of layer.document.rules.entries()) {
      if (!covers(rule, cell)) continue;
      for (const name of limitNames) {
        const value = rule[name];
        if (value === undefined) continue;
        const pointer = `rules[${index}].${name}`;
        const looser = loosening(name, base.values[name], value);
        if (looser === undefined) next = laid(next, name, value, `${layer.file} ${pointer}`);
        else if (!findings.has(pointer))
          findings.set(pointer, looseningFinding(layer, { index, name, looser }, base, cell));
      }
    }
    grid.set(keyOf(cell), next);
  }
  return [...findings.values()];
}

function covers(rule: PolicyRule, [action, environment]: Cell): boolean {
  const inEnvironment = rule.environments?.includes(environment ?? "none") ?? true;
  return inEnvironment && (rule.actions?.includes(action) ?? true);
}

function laid(
  limits: ResolvedLimits,
  name: LimitName,
  value: NonNullable<PolicyRule[LimitName]>,
  source: string,
): ResolvedLimits {
  const before = limits.values[name];
  const after = stricter(name, before, value);
  if (canonicalJson(after) === canonicalJson(before)) return limits;
  // A list that neither says alone comes from both.
  const isJoined =
    limits.sources[name] !== "built-in" && canonicalJson(after) !== canonicalJson(value);
  return {
    // Parsed, so that a value and its name keep belonging together.
    values: completeLimitsSchema.parse({ ...limits.values, [name]: after }),
    sources: {
      ...limits.sources,
      [name]: isJoined ? `${limits.sources[name]} and ${source}` : source,
    },
  };
}

function looseningFinding(
  layer: Layer,
  said: { readonly index: number; readonly name: LimitName; readonly looser: string },
  below: ResolvedLimits,
  [action, environment]: Cell,
): PolicyFinding {
  const { index, name, looser } = said;
  const where = environment === null ? action : `${action} in ${environment}`;
  return {
    file: layer.file,
    ...jsonPlaces(layer.text).placeOf(["rules", index, name]),
    message: `rules[${index}].${name}: ${looser} loosens what ${below.sources[name]} says for ${where} (${canonicalJson(below.values[name])}); a layer may only tighten`,
  };
}
