import type { Autosd } from "../../engine/autosd.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

type Grants = Autosd["grants"];
type Issued = Awaited<ReturnType<Grants["create"]>>;
type Listed = Awaited<ReturnType<Grants["list"]>>[number];
type Standing = Awaited<ReturnType<Grants["show"]>>;
type Grant = Issued["grant"];
type Entry = Grant["entries"][number];

/** A new grant; the first line is its id, for scripts. */
export function renderIssued(issued: Issued, output: Output): string {
  const { grant, keyFile } = issued;
  return [
    grant.jti,
    ...rows(output, grantRows(grant)),
    ...(keyFile === undefined
      ? []
      : [
          `The key that delegates it is in ${printable(keyFile)}: give it to the agent, keep no copy.`,
        ]),
    ...(grant.quorum > 1
      ? [
          `It needs the signatures of ${grant.quorum} operators: autosd preauth approve ${grant.jti}`,
        ]
      : []),
    "",
  ].join("\n");
}

/** What whoever makes a grant should know; for stderr. */
export function issueWarnings(issued: Issued): string {
  return issued.unprotected
    ? "warning: signed with an unprotected key; the grant says so, and policy may refuse it.\n"
    : "";
}

/** Grants as a table. */
export function renderGrants(grants: readonly Listed[], output: Output): string {
  if (grants.length === 0) return "No grants.\n";
  return renderTable(
    ["Grant", "State", "Projects", "Allows", "Expires"],
    grants.map(({ jti, state, grant, finding }) =>
      grant === undefined
        ? [jti, state, "", finding ?? "", ""]
        : [
            jti,
            grant.breakGlass ? `${state}, break-glass` : state,
            projectsOf(grant),
            grant.entries.map(allowed).join("; "),
            minute(grant.expiresAtMs),
          ],
    ),
    output,
  );
}

/** One grant with what stands against it. */
export function renderStanding(standing: Standing, output: Output): string {
  const { jti, state, grant, usage, failures, operators } = standing;
  const paint = createPaint(output.color);
  return [
    `${paint.bold(jti)} ${state}`,
    ...(grant === undefined ? [] : rows(output, grantRows(grant))),
    ...rows(output, [
      ["used", usedText(standing)],
      ["signed by", `${operators.join(", ") || "nobody that counts"}${weakText(standing)}`],
      ...(usage.lastReservedAtMs === undefined
        ? []
        : [["last used", isoTime(usage.lastReservedAtMs)] as const]),
      ...standing.openReservations.map((one) => ["not ended", openText(one)] as const),
    ]),
    ...failures.map((one) => `  ${paint.red(one.reason)} ${printable(one.message)}`),
    "",
  ].join("\n");
}

/** What revoking came to. */
export function renderRevocation(report: Awaited<ReturnType<Grants["revoke"]>>): string {
  const again = report.wasRevoked ? `was revoked before, at ${isoTime(report.atMs)}` : "is revoked";
  const reason = report.reason === "" ? "" : `: ${printable(report.reason)}`;
  return `${report.jti} ${again}${reason}.\n`;
}

/** What approving came to. */
export function renderApproval(
  approved: Awaited<ReturnType<Grants["approve"]>>,
  output: Output,
): string {
  const { grant, operators, need, file, stored } = approved;
  const missing = need - operators.length;
  return [
    grant.jti,
    ...rows(output, [...grantRows(grant), ["signed by", operators.join(", ")]]),
    ...(file === null ? [] : [`${printable(file)} has the signatures.`]),
    missing > 0
      ? `It needs ${missing} more of ${need} operators.`
      : stored
        ? "It has the signatures that it needs."
        : "It has the signatures that it needs; take it back to the machine that made it: autosd preauth approve FILE --import",
    "",
  ].join("\n");
}

function grantRows(grant: Grant): readonly (readonly [string, string])[] {
  const { bind } = grant;
  const conditions = [
    ...(grant.breakGlass ? ["break-glass"] : []),
    ...(bind.commit === undefined ? [] : [`commit ${bind.commit}`]),
    ...(bind.artifact === undefined ? [] : [`artifact ${bind.artifact}`]),
    ...(grant.waivedGates.length === 0 ? [] : [`waives ${grant.waivedGates.join(", ")}`]),
    ...(grant.depth === 0 ? [] : [`may be delegated, ${grant.depth} deep`]),
  ];
  return [
    ["projects", projectsOf(grant)],
    ...grant.entries.map((entry) => ["allows", allowed(entry)] as const),
    ["for", grant.subject],
    ["expires", isoTime(grant.expiresAtMs)],
    ["budget", budgetText(grant)],
    ["gates", grant.gates.join(", ") || "none"],
    ...(conditions.length === 0 ? [] : [["but", conditions.join(", ")] as const]),
    ...(grant.parent === undefined ? [] : [["parent", grant.parent] as const]),
    ...(grant.reason === "" ? [] : [["reason", grant.reason] as const]),
  ];
}

function allowed(entry: Entry): string {
  const actions = entry.actions.join(", ");
  if (entry.environments.length === 0) return actions;
  const targets = entry.targets.includes("*") ? "any target" : entry.targets.join(", ");
  return `${actions} in ${entry.environments.join(", ")} on ${targets}`;
}

function projectsOf(grant: Grant): string {
  const projects = new Set(grant.entries.flatMap((entry) => entry.locations));
  return projects.has("*") ? "* (all projects)" : [...projects].join(", ");
}

function budgetText(grant: Grant): string {
  const interval = grant.minIntervalS === 0 ? "" : `, ${grant.minIntervalS} s apart`;
  return `${grant.maxUses} ${grant.maxUses === 1 ? "use" : "uses"}, ${usd(grant.maxSpendMicrousd)}${interval}`;
}

function openText({ seq, action, project, reservedAtMs }: Standing["openReservations"][number]) {
  return `${action} of ${project}, entry ${seq}, since ${isoTime(reservedAtMs)}; if it did not happen: autosd preauth release ${seq}`;
}

function usedText({ usage, grant }: Standing): string {
  const of = grant === undefined ? "" : ` of ${grant.maxUses}`;
  return `${usage.uses}${of}, ${usd(usage.spendMicrousd)}`;
}

function weakText({ unprotected }: Standing): string {
  return unprotected ? " (with an unprotected key)" : "";
}

function usd(microusd: number): string {
  return `${(microusd / 1_000_000).toFixed(2)} USD`;
}

function minute(epochMs: number): string {
  return `${isoTime(epochMs).slice(0, 16)}Z`;
}

function rows(output: Output, facts: readonly (readonly [string, string])[]): readonly string[] {
  const paint = createPaint(output.color);
  return facts.map(([name, value]) => `  ${paint.dim(name.padEnd(9))} ${printable(value)}`);
}
