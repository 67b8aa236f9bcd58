import { environments, privilegedActions } from "./action.ts";
import type { Grant, GrantEntry } from "./grant.ts";
import { grantIdPattern, maxChainLength } from "./grant-limits.ts";

/** The claims that a listing shows or sorts by. */
export type GlancedGrant = Omit<Grant, "v" | "aud" | "cnf" | "log">;

/** What a link says of itself, for listings: nothing is verified. */
export interface GlancedLink {
  readonly grant: GlancedGrant;
  readonly signatures: readonly unknown[];
}

export type GlancedChain = readonly [GlancedLink, ...GlancedLink[]];

/**
 * A quick look at a grant's file, the grant first; undefined when it does not say what a listing
 * shows. By hand instead of by schema: loading those alone takes as long as a listing of a thousand,
 * and a listing decides nothing.
 */
export function glanceGrant(file: Uint8Array): GlancedChain | undefined {
  const tokens = tokensOf(jsonOf(Buffer.from(file).toString("utf8")));
  if (tokens === undefined || tokens.length > maxChainLength) return undefined;
  const links: GlancedLink[] = [];
  for (const token of tokens) {
    const link = linkOf(token);
    if (link === undefined) return undefined;
    links.push(link);
  }
  const [first, ...parents] = links;
  return first === undefined ? undefined : [first, ...parents];
}

function tokensOf(file: unknown): readonly unknown[] | undefined {
  if (!isRecord(file)) return undefined;
  if (!("grant" in file)) return [file];
  const { grant, parents } = file;
  return isList(parents) ? [grant, ...parents.slice(0, maxChainLength)] : undefined;
}

function linkOf(token: unknown): GlancedLink | undefined {
  if (!isRecord(token)) return undefined;
  const { payload, signatures } = token;
  if (typeof payload !== "string" || !Array.isArray(signatures)) return undefined;
  const grant = jsonOf(Buffer.from(payload, "base64url").toString("utf8"));
  return isGlancedGrant(grant) ? { grant, signatures } : undefined;
}

function isGlancedGrant(value: unknown): value is GlancedGrant {
  if (!isRecord(value)) return false;
  const { jti, iss, sub, reason, authorization_details: entries, gates, waive } = value;
  const { break_glass: breakGlass, budget, bind, quorum, depth, parent, iat, nbf, exp } = value;
  return (
    typeof jti === "string" &&
    grantIdPattern.test(jti) &&
    [iss, sub, reason].every((text) => typeof text === "string") &&
    Array.isArray(entries) &&
    entries.length > 0 &&
    entries.every(isEntry) &&
    areTexts(gates) &&
    (waive === undefined || areTexts(waive)) &&
    typeof breakGlass === "boolean" &&
    isBudget(budget) &&
    isBind(bind) &&
    isOptionalText(parent) &&
    areCounts(quorum, depth) &&
    areTimes(iat, nbf, exp)
  );
}

function isEntry(value: unknown): value is GrantEntry {
  if (!isRecord(value)) return false;
  const { type, actions, locations, environments: places, targets } = value;
  return (
    type === "autosd/privileged" &&
    areOf(privilegedActions, actions) &&
    areTexts(locations) &&
    areOf(environments, places) &&
    areTexts(targets)
  );
}

function isBudget(value: unknown): value is Grant["budget"] {
  if (!isRecord(value)) return false;
  return areCounts(value["uses"], value["spend_microusd"], value["min_interval_s"]);
}

function isBind(value: unknown): value is Grant["bind"] {
  return isRecord(value) && isOptionalText(value["commit"]) && isOptionalText(value["artifact"]);
}

function areOf(names: readonly string[], value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => names.includes(String(one)));
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function areCounts(...values: readonly unknown[]): boolean {
  return values.every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
}

/** Epoch seconds that a date can show. */
function areTimes(...values: readonly unknown[]): boolean {
  return areCounts(...values) && values.every((one) => Number(one) <= maxEpochSeconds);
}

/** The end of the year 9999. */
const maxEpochSeconds = 253_402_300_799;

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
