import { canonicalJson } from "../../kernel/canonical-json.ts";
import { environments, privilegedActions } from "../grants/action.ts";
import { limitKinds, limitNames, loosening } from "./limits.ts";
import type { ResolvedFreeze, ResolvedPolicy } from "./policy-layers.ts";

/** One thing that a policy demanded or forbade and that another one does not. */
export interface Weakening {
  /** Name of a limit, `freeze` or `overlay`. */
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
  /** `deploy in prod`; empty for freezes and overlays, which say themselves. */
  readonly where: readonly string[];
}

/** Freezes that are named one by one. */
const maxFreezes = 50;

/**
 * In what `after` is weaker than `before`. Freezes and overlays are not compared by what they mean:
 * one that is not there any more as it was counts.
 */
export function weakeningsOf(before: ResolvedPolicy, after: ResolvedPolicy): readonly Weakening[] {
  const kept = new Set(after.freezes.map(textOf));
  const lost = before.freezes.filter((freeze) => !kept.has(textOf(freeze))).slice(0, maxFreezes);
  const isOverlayLost = before.overlay !== undefined && before.overlay.text !== after.overlay?.text;
  return [
    ...weakerLimits(before, after),
    ...lost.map(({ name }) => ({ what: "freeze", before: name, after: null, where: [] })),
    ...(isOverlayLost
      ? [
          {
            what: "overlay",
            before: "there",
            after: after.overlay === undefined ? null : "changed",
            where: [],
          },
        ]
      : []),
  ];
}

/** Each limit once for each pair of values. */
function weakerLimits(before: ResolvedPolicy, after: ResolvedPolicy): readonly Weakening[] {
  const found = new Map<string, Weakening & { readonly where: string[] }>();
  for (const action of privilegedActions)
    for (const environment of [...environments, null]) {
      const [was, is] = [before, after].map((one) => one.limitsFor(action, environment).values);
      if (was === undefined || is === undefined) continue;
      for (const name of limitNames) {
        if (!isWeaker(name, was[name], is[name])) continue;
        const key = canonicalJson([name, was[name], is[name]]);
        const known = found.get(key) ?? {
          what: name,
          before: was[name],
          after: is[name],
          where: [],
        };
        known.where.push(environment === null ? action : `${action} in ${environment}`);
        found.set(key, known);
      }
    }
  return [...found.values()];
}

type Value = Parameters<typeof loosening>[1];

function isWeaker(name: (typeof limitNames)[number], was: Value, is: Value): boolean {
  if (limitKinds[name] === "also" && Array.isArray(was) && Array.isArray(is))
    return was.some((item) => !is.some((one) => one === item));
  return loosening(name, was, is) !== undefined;
}

/** Wherever it stands. */
function textOf(freeze: ResolvedFreeze): string {
  return canonicalJson({ ...freeze, source: "" });
}
