import { type Autosd, environments } from "../../engine/autosd.ts";
import type { Invocation } from "../action.ts";
import { CliError } from "../errors.ts";
import { countOption, switchOption, textOption } from "../typed-options.ts";

type Options = Invocation["options"];
type CreateInput = Parameters<Autosd["grants"]["create"]>[0];
type DelegateInput = Parameters<Autosd["grants"]["delegate"]>[0];

/** Flags of `create-grant`, as wishes. */
export function grantWishes(options: Options): CreateInput["wishes"] {
  const projectIds = listOption(options, "projectIds");
  const expiresInHours = countOption(options, "expiresInHours");
  if (projectIds === undefined) throw missing("Say which projects it is for: --project-ids ID.");
  if (expiresInHours === undefined) throw missing("Say when it ends: --expires-in-hours N.");
  return {
    ...rights(options),
    ...limits(options),
    projectIds,
    breakGlass: switchOption(options, "breakGlass"),
    expiresInHours,
    quorum: countOption(options, "quorum"),
  };
}

/** Flags of `delegate`, as wishes. */
export function narrowerWishes(options: Options): DelegateInput["wishes"] {
  return {
    ...rights(options),
    ...limits(options),
    projectIds: listOption(options, "projectIds"),
    expiresInHours: countOption(options, "expiresInHours"),
  };
}

/** `--new-key` or `--delegate-to`. */
export function delegateKey(options: Options): CreateInput["delegate"] {
  const made = textOption(options, "newKey");
  const given = textOption(options, "delegateTo");
  if (made !== undefined && given !== undefined)
    throw new CliError("AUTOSD-USAGE", "--new-key and --delegate-to exclude each other.");
  if (made !== undefined) return { kind: "new", file: made };
  return given === undefined ? undefined : { kind: "public", file: given };
}

function rights(options: Options) {
  const on = (name: string) => switchOption(options, name);
  const wanted = listOption(options, "environments");
  return {
    autoDeploy: environments.filter((one) => on(`autoDeploy${capitalized(one)}`)),
    autoRollback: on("autoRollback"),
    autoHeal: on("autoHeal"),
    rotateDeployments: on("rotateDeployments"),
    autoPush: on("autoPush"),
    autoMergePr: on("autoMergePr"),
    createRepos: on("createRepos"),
    environments:
      wanted === undefined ? undefined : environments.filter((one) => wanted.includes(one)),
    targets: listOption(options, "targets"),
  };
}

function limits(options: Options) {
  return {
    maxUses: countOption(options, "maxUses"),
    maxSpendUsd: countOption(options, "maxSpendUsd"),
    minIntervalSeconds: countOption(options, "minIntervalSeconds"),
    gates: listOption(options, "gates"),
    waiveGates: listOption(options, "waiveGates"),
    bindCommit: textOption(options, "bindCommit"),
    bindArtifact: textOption(options, "bindArtifact"),
    reason: textOption(options, "reason"),
    agent: textOption(options, "agent"),
    depth: countOption(options, "depth"),
  };
}

function missing(problem: string): CliError {
  return new CliError("AUTOSD-USAGE", problem, { remedy: "autosd preauth create-grant --help" });
}

function listOption(options: Options, name: string): readonly string[] | undefined {
  const value = options[name];
  if (!Array.isArray(value)) return undefined;
  return value.filter((one): one is string => typeof one === "string");
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
