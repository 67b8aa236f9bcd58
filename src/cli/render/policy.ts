import { type Autosd, environments, privilegedActions } from "../../engine/autosd.ts";
import type { Output } from "../context.ts";
import { createPaint, type Paint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

type View = Awaited<ReturnType<Autosd["policy"]["show"]>>;
type Explanation = Awaited<ReturnType<Autosd["policy"]["explain"]>>;
type TestReport = Awaited<ReturnType<Autosd["policy"]["test"]>>;
type Replay = Awaited<ReturnType<Autosd["policy"]["replay"]>>;
type Findings = View["findings"];
type Rules = Explanation["rules"];

/** Every value with its source, freezes, and the grant that was asked about. */
export function renderPolicy(view: View, output: Output): string {
  const paint = createPaint(output.color);
  const title = view.project === null ? "Policy of every project" : `Policy of ${view.project}`;
  return [
    paint.bold(printable(title)) + (view.directory === null ? "" : ` in ${view.directory}`),
    ...view.notes.map((note) => paint.yellow(printable(note))),
    ...(view.findings.length === 0
      ? []
      : [paint.red("It cannot be used, so every privileged action is denied:")]),
    ...view.findings.map((finding) => `  ${findingLine(finding)}`),
    ...(view.limits.length === 0 ? [] : ["", renderLimits(view, output)]),
    ...(view.freezes.length === 0 ? [] : [renderFreezes(view, output)]),
    ...(view.overlay === null ? [] : [`Overlay: ${view.overlay}`]),
    ...(view.grant === null ? [] : ["", ...grantLines(view.grant, paint)]),
    "",
  ].join("\n");
}

function renderLimits(view: View, output: Output): string {
  // Some actions change none.
  const everyEnvironment = environments.length + 1;
  // What is the same everywhere is said once.
  const rows = new Map<string, { readonly environments: string[]; readonly cells: string[] }>();
  for (const limit of view.limits) {
    const actions =
      limit.actions.length === privilegedActions.length ? "all" : limit.actions.join(", ");
    const cells = [limit.name, shown(limit.value), actions, limit.source];
    const row = rows.get(JSON.stringify(cells)) ?? { environments: [], cells };
    row.environments.push(limit.environment);
    rows.set(JSON.stringify(cells), row);
  }
  const lines = [...rows.values()].map(({ environments: found, cells }) => {
    const where = found.length === everyEnvironment ? "all" : found.join(", ");
    return [where, ...cells];
  });
  return renderTable(["Env", "Limit", "Value", "Actions", "From"], lines, output);
}

function renderFreezes(view: View, output: Output): string {
  const rows = view.freezes.map((freeze) => [
    freeze.name,
    freeze.when,
    freeze.environments.length === 0 ? "all" : freeze.environments.join(", "),
    freeze.source,
  ]);
  return renderTable(["Freeze", "When", "Env", "From"], rows, output);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return String(value);
}

function grantLines(grant: NonNullable<View["grant"]>, paint: Paint): readonly string[] {
  const says = grant.grant;
  const state = grant.state === "active" ? paint.green(grant.state) : paint.red(grant.state);
  const spend = says === undefined ? 0 : says.maxSpendMicrousd - grant.usage.spendMicrousd;
  return [
    `${paint.bold(printable(grant.jti))}: ${state}`,
    ...(says === undefined
      ? []
      : [
          ...says.entries.map(
            (entry) =>
              `  may ${entry.actions.join(", ")} on ${entry.locations.join(", ")} in ${listOr(entry.environments, "no environment")} to ${listOr(entry.targets, "no target")}`,
          ),
          `  uses left: ${says.maxUses - grant.usage.uses} of ${says.maxUses}; spend left: ${spend / 1_000_000} USD`,
          `  expires ${new Date(says.expiresAtMs).toISOString()}${says.breakGlass ? "; breaks glass" : ""}`,
        ]),
    `  signed by ${listOr(grant.operators, "nobody")}, keys ${grant.unprotected ? paint.yellow("unprotected") : "protected"}`,
    ...grant.failures.map((one) => `  ${paint.red("✗")} ${one.reason}: ${printable(one.message)}`),
  ];
}

function listOr(items: readonly string[], nothing: string): string {
  return items.length === 0 ? nothing : items.map(printable).join(", ");
}

/** The decision, then everything that was found, then the command that helps. */
export function renderExplanation(explanation: Explanation, output: Output): string {
  const paint = createPaint(output.color);
  const { decision, code, message, fix } = explanation;
  return [
    decision === "allow"
      ? `${paint.green("allowed")}: ${printable(message)}`
      : `${paint.red("refused")} ${code ?? ""}: ${printable(message)}`,
    ...explanation.notes.map((note) => paint.dim(printable(note))),
    ...explanation.failures.map(
      (one) => `${paint.red("✗")} ${one.reason}: ${printable(one.message)}`,
    ),
    ...ruleLines(explanation.rules, paint),
    ...explanation.warnings.map((one) => paint.yellow(`! ${printable(one)}`)),
    ...(fix === null ? [] : [`${paint.dim("fix")} ${printable(fix)}`]),
    "",
  ].join("\n");
}

function ruleLines(rules: Rules, paint: Paint): readonly string[] {
  const marks = { pass: paint.green("✓"), fail: paint.red("✗"), error: paint.red("!") };
  return rules.map(
    (rule) =>
      `${marks[rule.verdict]} ${rule.id}: ${printable(rule.message)} ${paint.dim(`(${printable(rule.source)})`)}`,
  );
}

/** One line a case; what differs as a diff. */
export function renderTest(report: TestReport, output: Output): string {
  const paint = createPaint(output.color);
  const lines = report.cases.flatMap((one) =>
    one.ok
      ? [`${paint.green("✓")} ${printable(one.name)}`]
      : [
          `${paint.red("✗")} ${printable(one.name)}`,
          paint.red(`  - ${expectation(one.expected)}`),
          paint.green(`  + ${expectation(one.found)}`),
        ],
  );
  const total = `${report.cases.length - report.failed} of ${report.cases.length} as expected.`;
  return [...lines, total, ""].join("\n");
}

function expectation(one: TestReport["cases"][number]["found"]): string {
  const against = one.against === undefined ? [] : [`against: ${listOr(one.against, "nothing")}`];
  return [one.decision, ...(one.code === undefined ? [] : [one.code]), ...against].join(", ");
}

/** Whether it comes out as recorded. */
export function renderReplay(replay: Replay, output: Output): string {
  const paint = createPaint(output.color);
  const { recorded, now } = replay;
  const verdict = replay.same
    ? paint.green(`Entry ${replay.seq} is decided the same again: ${outcome(now)}.`)
    : paint.red(`Entry ${replay.seq} was ${outcome(recorded)}; now it is ${outcome(now)}.`);
  return [verdict, `Policy ${replay.policyDigest}`, ...ruleLines(now.rules, paint), ""].join("\n");
}

function outcome(one: Replay["recorded"]): string {
  return one.code === null ? one.decision : `${one.decision} ${one.code}`;
}

/** One line a finding, as editors read it. */
export function renderCheck(file: string, findings: Findings, output: Output): string {
  const paint = createPaint(output.color);
  if (findings.length === 0) return `${paint.green("✓")} ${printable(file)}\n`;
  return `${findings.map(findingLine).join("\n")}\n`;
}

function findingLine(finding: Findings[number]): string {
  const { file, line, column, message } = finding;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return printable(`${place}: ${message}`);
}
