import { type Entry, entryKinds } from "./entry.ts";

/** Whether a value that was read from JSON is what one member of an entry may be. */
type Check = (value: unknown) => boolean;

/** Members by name; whatever is not named is refused. */
interface Shape {
  readonly members: ReadonlyMap<string, Check>;
  readonly required: readonly string[];
}

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isAnything: Check = () => true;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const upTo =
  (maxLength: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= maxLength;
const oneOf = (names: readonly string[]): Check => {
  const known: ReadonlySet<unknown> = new Set(names);
  return (value) => known.has(value);
};
const listOf =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((one) => each(one));
const digestPattern = /^sha256:[0-9a-f]{64}$/;

const actor: Shape = {
  members: new Map([
    ["type", oneOf(["operator", "agent", "system"])],
    ["id", upTo(200)],
    ["run", upTo(100)],
  ]),
  required: ["type", "id"],
};
const policy: Shape = {
  members: new Map([
    ["digest", isText],
    ["rules", listOf(isText)],
  ]),
  required: ["digest", "rules"],
};
const grant: Shape = {
  members: new Map([
    ["jti", isText],
    ["chain", listOf(isText)],
    ["kids", listOf(isText)],
  ]),
  required: ["jti", "chain", "kids"],
};
const gate: Shape = {
  members: new Map([
    ["name", isText],
    ["ok", isFlag],
    ["evidence", isText],
  ]),
  required: ["name", "ok", "evidence"],
};
const texts = ["action", "project", "env", "target", "code", "reason", "commit", "tag"];
const entry: Shape = {
  members: new Map<string, Check>([
    ...[...texts, "artifact", "idem", "ts"].map((name) => [name, isText] as const),
    ["v", (value) => value === 1],
    ["seq", isCount],
    ["prev", (value) => typeof value === "string" && digestPattern.test(value)],
    ["kind", oneOf(entryKinds)],
    ["actor", (value) => hasShape(value, actor)],
    ["decision", oneOf(["allow", "deny"])],
    ["policy", (value) => hasShape(value, policy)],
    ["grant", (value) => hasShape(value, grant)],
    ["gates", listOf((value) => hasShape(value, gate))],
    ["break_glass", isFlag],
    ["ref", isCount],
    ["cost", isCount],
    ["result", isAnything],
    ["details", isRecord],
  ]),
  required: ["v", "seq", "prev", "ts", "kind", "actor"],
};

/**
 * Whether a value that was read from JSON is an entry: the verdict of `entrySchema`, in a fraction
 * of its time. A log of a million lines is read whole while others wait for its lock.
 */
export function isEntry(value: unknown): value is Entry {
  return hasShape(value, entry);
}

function hasShape(value: unknown, { members, required }: Shape): boolean {
  if (!isRecord(value)) return false;
  for (const name of required) if (!Object.hasOwn(value, name)) return false;
  for (const name of Object.keys(value))
    if (members.get(name)?.(value[name]) !== true) return false;
  return true;
}
