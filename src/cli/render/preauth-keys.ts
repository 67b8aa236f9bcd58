import type { Autosd } from "../../engine/autosd.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

type Keys = Autosd["keys"];
type KeysMade = Awaited<ReturnType<Keys["init"]>>;
type KeysReplaced = Awaited<ReturnType<Keys["replaceLost"]>>;
type KeysRotated = Awaited<ReturnType<Keys["rotate"]>>;
type Trust = Awaited<ReturnType<Keys["trustList"]>>;
type Verified = Awaited<ReturnType<Keys["verifyFile"]>>;

const unprotectedWarning =
  "The key is unprotected: whoever can read your files can sign with it. A passphrase (on a terminal, or AUTOSD_PREAUTH_PASSPHRASE_FILE) or an SSH agent protects it.";

/** What init-keys made. */
export function renderKeysMade(made: KeysMade, output: Output): string {
  return [
    `Made the signing key of ${made.operator}.`,
    ...facts(output, [
      ["kid", made.kid],
      ["protection", made.protection],
      ["log origin", made.origin],
      ["log key", made.genesis],
    ]),
    "Note the log key where this machine cannot change it: it is what the audit log is checked against.",
    ...warnings(made, output),
    "",
  ].join("\n");
}

/** What init-keys --replace-lost made, and what it undid. */
export function renderKeysReplaced(replaced: KeysReplaced, output: Output): string {
  const paint = createPaint(output.color);
  return [
    `Made a new signing key of ${replaced.operator}; nothing that ${replaced.lost.join(", ")} signed counts any more.`,
    ...facts(output, [
      ["kid", replaced.kid],
      ["protection", replaced.protection],
      ["trust list", `version ${replaced.trustVersion}`],
    ]),
    paint.yellow(
      "No operator signed for this, and the audit log says so for ever. Grants must be made anew; a halt that was lifted stands again until the new key lifts it.",
    ),
    ...warnings(replaced, output),
    "",
  ].join("\n");
}

/** What rotate-keys changed. */
export function renderKeysRotated(rotated: KeysRotated, output: Output): string {
  return [
    `Replaced the signing key of ${rotated.operator}.`,
    ...facts(output, [
      ["kid", rotated.kid],
      ["protection", rotated.protection],
      ["retired", `${rotated.retired}, valid for log entries below ${rotated.lastValidSeq}`],
      ["trust list", `version ${rotated.trustVersion}`],
    ]),
    ...warnings(rotated, output),
    "",
  ].join("\n");
}

/** The trust list as a table. */
export function renderTrust(trust: Trust, output: Output): string {
  const table = renderTable(
    ["Kid", "Operator", "Roles", "Protection", "State", "Here"],
    trust.keys.map((key) => [
      key.kid,
      key.operator,
      key.roles.join(", "),
      key.protection,
      stateOf(key),
      key.held ? "yes" : "no",
    ]),
    output,
  );
  const recoveries = trust.recoveries.map(
    ({ version, at }) =>
      `version ${version} was made without a signature of the one before, on ${isoTime(at * 1_000)}: the keys were lost\n`,
  );
  return `${table}\nversion ${trust.version} of ${printable(trust.origin)}\n${recoveries.join("")}`;
}

/** What a file proves, what it does not, and what is wrong with it. */
export function renderVerifiedFile(verified: Verified, output: Output): string {
  const paint = createPaint(output.color);
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${printable(item)}`)];
  return [
    `${paint.bold(printable(verified.name))} ${verified.ok ? "holds" : "does not hold"}`,
    ...list(
      "Wrong",
      verified.failures.map((one) => `${one.message} (${one.reason})`),
    ),
    ...list("Established", verified.established),
    ...list("Not established", verified.notEstablished),
    "",
  ].join("\n");
}

function stateOf(key: Trust["keys"][number]): string {
  if (key.lastValidSeq !== null) return `retired at ${key.lastValidSeq}`;
  return key.notAfter === null ? "in use" : `until ${isoTime(key.notAfter * 1_000)}`;
}

function facts(output: Output, rows: readonly (readonly [string, string])[]): readonly string[] {
  const paint = createPaint(output.color);
  return rows.map(([name, value]) => `  ${paint.dim(name.padEnd(11))} ${printable(value)}`);
}

function warnings(made: { readonly protection: string }, output: Output): readonly string[] {
  const paint = createPaint(output.color);
  return made.protection === "unprotected" ? [paint.yellow(unprotectedWarning)] : [];
}
