import type { ProcessResult } from "../../kernel/process.ts";
import type { TestReport } from "./test-report.ts";
import type { CommandGate, TestCaseResult } from "./toolchain.ts";

/** What one run of a gate came to. */
export interface GateRun {
  readonly result: ProcessResult;
  /** `undefined`: none was written, or it is damaged. */
  readonly report: TestReport | undefined;
}

/** The same of one of its parts, in the folder of a package; empty: the root. */
export interface PartRun extends GateRun {
  readonly folder: string;
}

/** A path below a folder of the project; empty: the root. */
export function within(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** Results with paths from the root, whatever folder the runner counted from. */
export function prefixed(
  results: readonly TestCaseResult[],
  folder: string,
): readonly TestCaseResult[] {
  const isBelow = (file: string): boolean => file === "" || file.startsWith(within(folder, ""));
  return results.map((one) =>
    isBelow(one.file) ? one : { ...one, file: within(folder, one.file) },
  );
}

/** For a finding: the packages whose own command proves nothing, and why; empty when all were run. */
export function leftOut(gate: CommandGate): string {
  const refused = (gate.parts ?? []).flatMap(({ folder, refusal }) =>
    refusal === undefined ? [] : [`${folder} (${refusal})`],
  );
  const more = refused.length - maxNamed;
  const rest = more > 0 ? ` and ${more} more` : "";
  return refused.length === 0
    ? ""
    : `; not checked: ${refused.slice(0, maxNamed).join(", ")}${rest}`;
}

const maxNamed = 5;

/** A report of these results. */
export function reportOn(results: readonly TestCaseResult[]): TestReport {
  return { results, files: new Set(results.map((one) => one.file)) };
}

/**
 * Several runs as one: it ends as the first that did not end well, and there is a report when each
 * of them has left one.
 */
export function joinedRuns(runs: readonly PartRun[]): GateRun {
  const [first, ...more] = runs;
  if (first === undefined) return { result: nothingRan, report: undefined };
  if (more.length === 0) return { result: first.result, report: first.report };
  const isFine = ({ result: { end } }: PartRun): boolean =>
    end.kind === "exited" && end.exitCode === 0;
  const ending = runs.find((run) => !isFine(run)) ?? first;
  const texts = (of: "stdout" | "stderr"): string =>
    runs
      .map(({ folder, result }) => (result[of] === "" ? "" : `# ${folder}\n${result[of]}`))
      .join("");
  const reports = runs.flatMap(({ report }) => report ?? []);
  return {
    result: {
      end: ending.result.end,
      stdout: texts("stdout"),
      stderr: texts("stderr"),
      durationMs: runs.reduce((sum, { result }) => sum + result.durationMs, 0),
    },
    report:
      reports.length < runs.length
        ? undefined
        : reportOn(reports.flatMap((report) => report.results)),
  };
}

const nothingRan: ProcessResult = {
  end: { kind: "not-started", reason: "none of the packages has a command that could be run" },
  stdout: "",
  stderr: "",
  durationMs: 0,
};
