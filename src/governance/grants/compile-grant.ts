import { entriesOf } from "./compile-entries.ts";
import { breakGlassLifetimeS, type Grant, grantClaims, maxLifetimeS } from "./grant.ts";
import {
  defaultGates,
  defaultMaxUses,
  type GrantWishes,
  type RefusedWish,
} from "./grant-wishes.ts";

/** What of a grant follows from the wishes alone; who, when and where is added when it is signed. */
export type CompiledGrant = Pick<
  Grant,
  | "sub"
  | "authorization_details"
  | "gates"
  | "budget"
  | "break_glass"
  | "reason"
  | "quorum"
  | "bind"
  | "depth"
> & {
  readonly waive?: string[];
  readonly lifetimeS: number;
};

export type Compilation =
  { readonly kind: "compiled"; readonly grant: CompiledGrant } | RefusedWish;

const microusdPerUsd = 1_000_000;

/** The least grant that does what was asked for; says which flag is wrong or missing. */
export function compileGrant(wishes: GrantWishes): Compilation {
  const entries = entriesOf(wishes);
  if (entries.kind === "refused") return entries;
  const lifetimeS = lifetimeOf(wishes);
  if (typeof lifetimeS !== "number") return lifetimeS;
  const refused = gatesProblem(wishes) ?? spendProblem(wishes);
  if (refused !== undefined) return refused;
  const spendMicrousd = Math.round((wishes.maxSpendUsd ?? 0) * microusdPerUsd);
  const candidate = {
    sub: `agent:${wishes.agent ?? "*"}`,
    authorization_details: entries.entries,
    gates: gatesOf(wishes),
    ...(wishes.waiveGates === undefined ? {} : { waive: unique(wishes.waiveGates) }),
    budget: {
      uses: wishes.maxUses ?? defaultMaxUses,
      spend_microusd: spendMicrousd,
      min_interval_s: wishes.minIntervalSeconds ?? 0,
    },
    break_glass: wishes.breakGlass,
    reason: wishes.reason ?? "",
    quorum: wishes.quorum ?? 1,
    bind: {
      ...(wishes.bindCommit === undefined ? {} : { commit: wishes.bindCommit }),
      ...(wishes.bindArtifact === undefined ? {} : { artifact: wishes.bindArtifact }),
    },
    depth: wishes.depth ?? 0,
  };
  const parsed = wishedSchema.safeParse(candidate);
  if (!parsed.success) return invalidWish(parsed.error.issues[0]?.path ?? []);
  const { waive, ...rest } = parsed.data;
  return {
    kind: "compiled",
    grant: { ...rest, ...(waive === undefined ? {} : { waive }), lifetimeS },
  };
}

/** The members of a grant that wishes decide, held to the grant's own schema. */
const wishedSchema = grantClaims.pick({
  sub: true,
  authorization_details: true,
  gates: true,
  waive: true,
  budget: true,
  break_glass: true,
  reason: true,
  quorum: true,
  bind: true,
  depth: true,
});

const flags: Readonly<Record<string, string>> = {
  sub: "--agent",
  "authorization_details.locations": "--project-ids",
  "authorization_details.targets": "--targets",
  authorization_details: "--project-ids",
  gates: "--gates",
  waive: "--waive-gates",
  "budget.uses": "--max-uses",
  "budget.spend_microusd": "--max-spend-usd",
  "budget.min_interval_s": "--min-interval-seconds",
  reason: "--reason",
  quorum: "--quorum",
  "bind.commit": "--bind-commit",
  "bind.artifact": "--bind-artifact",
  depth: "--depth",
};

const expectations: Readonly<Record<string, string>> = {
  "--agent": "must be a name of letters, digits, dots, underscores and hyphens",
  "--project-ids": "must be ids of projects (lower case letters, digits, . _ -) or a lone *",
  "--targets": "must be names of targets (lower case letters, digits, . _ -) or a lone *",
  "--gates": "must be names of gates, at most 32, each once",
  "--waive-gates": "must be names of gates, at most 32, each once",
  "--max-uses": "must be a whole number from 1 to 1000000",
  "--max-spend-usd": "must be an amount in US dollars, 0 or more",
  "--min-interval-seconds": "must be a whole number of seconds",
  "--reason": "must be at most 500 characters",
  "--quorum": "must be a whole number from 1 to 16",
  "--bind-commit": "must be a full commit id of 40 or 64 hexadecimal digits",
  "--bind-artifact": "must be sha256: and 64 hexadecimal digits",
  "--depth": "must be a whole number from 0 to 4",
};

/** The refusal of a wish by the path of the claim that it would have become. */
export function invalidWish(path: readonly PropertyKey[]): RefusedWish {
  const names = path.filter((part) => typeof part === "string");
  const flag = flags[names.slice(0, 2).join(".")] ?? flags[names[0] ?? ""] ?? "--help";
  return { kind: "refused", problem: `${flag} ${expectations[flag] ?? "is not valid"}.`, flag };
}

function lifetimeOf({ expiresInHours, breakGlass }: GrantWishes): number | RefusedWish {
  const flag = "--expires-in-hours";
  const seconds = Math.floor(expiresInHours * 3_600);
  if (!Number.isFinite(seconds) || seconds < 1)
    return { kind: "refused", problem: `${flag} must be more than 0.`, flag };
  if (breakGlass && expiresInHours * 3_600 > breakGlassLifetimeS)
    return {
      kind: "refused",
      problem: `A break-glass grant lives 2 hours at most; ${flag} is ${expiresInHours}.`,
      flag: `${flag} 2`,
    };
  if (expiresInHours * 3_600 > maxLifetimeS)
    return {
      kind: "refused",
      problem: `A grant lives ${maxLifetimeS / 3_600} hours at most; ${flag} is ${expiresInHours}.`,
      flag: `${flag} ${maxLifetimeS / 3_600}`,
    };
  return seconds;
}

function gatesOf(wishes: GrantWishes): readonly string[] {
  const waived = wishes.waiveGates ?? [];
  return unique(wishes.gates ?? defaultGates).filter((gate) => !waived.includes(gate));
}

function gatesProblem({ breakGlass, waiveGates }: GrantWishes): RefusedWish | undefined {
  if (waiveGates === undefined || breakGlass) return undefined;
  return {
    kind: "refused",
    problem: "Only a break-glass grant waives gates; --waive-gates needs --break-glass.",
    flag: "--break-glass",
  };
}

function spendProblem({ maxSpendUsd }: GrantWishes): RefusedWish | undefined {
  if (maxSpendUsd === undefined || (Number.isFinite(maxSpendUsd) && maxSpendUsd >= 0))
    return undefined;
  const flag = "--max-spend-usd";
  return { kind: "refused", problem: `${flag} ${expectations[flag] ?? ""}.`, flag };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
