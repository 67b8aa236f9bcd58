import { splitScript } from "./script-command.ts";
import { reportFolder, type ReportFormat } from "./toolchain.ts";

/** A test runner that writes results for machines. */
interface Runner {
  readonly name: string;
  readonly format: ReportFormat;
  runs(program: string, words: readonly string[]): boolean;
  /** Added behind the command's own words. */
  reportArguments(path: string): readonly string[];
  /** The command with what cannot stand behind its words. */
  rewrite?(command: string, path: string): string;
  /** All that it can tell goes to standard output. */
  readonly toOutput?: true;
}

/** Where the node reporter lies inside the folder in which a gate runs. */
export const nodeReporterPath = `${reportFolder}/reporter.mjs`;

const runners: readonly Runner[] = [
  {
    name: "vitest",
    format: "vitest-json",
    runs: (program) => program === "vitest",
    reportArguments: (path) => [
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${path}`],
      ...["--no-color", "--watch=false"],
    ],
  },
  {
    name: "jest",
    format: "vitest-json",
    runs: (program, words) =>
      program === "jest" ||
      (program === "node" &&
        words.some((word) => /(?:^|\/)jest(?:\/bin\/jest)?(?:\.js)?$/.test(word))),
    reportArguments: (path) => ["--json", `--outputFile=${path}`, "--watchAll=false"],
  },
  {
    name: "mocha",
    format: "mocha-json",
    runs: (program) => /^_?mocha$/.test(program),
    reportArguments: (path) => ["--reporter", "json", "--reporter-option", `output=${path}`],
    // Of two reporters it takes neither.
    rewrite: (command) => withoutReporter(command, "mocha"),
  },
  {
    name: "ava",
    format: "tap",
    runs: (program) => program === "ava",
    reportArguments: () => ["--tap"],
    toOutput: true,
  },
  {
    name: "tap",
    format: "tap",
    runs: (program) => program === "tap",
    reportArguments: () => ["--reporter=tap"],
    toOutput: true,
    rewrite: (command) => withoutReporter(command, "tap"),
  },
  {
    name: "node --test",
    format: "node-events",
    runs: (program, words) => /^(?:node|tsx)$/.test(program) && words.includes("--test"),
    reportArguments: () => [],
    rewrite: withNodeReporter,
  },
];

/** The runner's own option; one of what runs it stays. */
function withoutReporter(command: string, program: string): string {
  const at = command.search(new RegExp(`\\b${program}\\b`));
  return `${command.slice(0, at)}${command.slice(at).replaceAll(/\s(?:--reporter|-R)[ =]\S+/g, "")}`;
}

/** Names of all runners, for people. */
export const knownRunners = runners.map((runner) => runner.name).join(", ");

/** A script that writes a report of its tests. */
interface ReportedScript {
  readonly command: readonly [string, ...string[]];
  readonly report: string;
  readonly reportFormat: ReportFormat;
}

/** A test script with a report; undefined when it runs no runner that can write one. */
export function reportedScript(script: string): ReportedScript | undefined {
  for (const runner of runners) {
    const found = splitScript(script, (program, words) => runner.runs(program, words));
    if (found === undefined) continue;
    const ending = { "node-events": "jsonl", tap: "tap" }[runner.format as string] ?? "json";
    const report = `${reportFolder}/tests.${ending}`;
    const command = runner.rewrite?.(found.command, report) ?? found.command;
    // "$@" are the arguments, and the files that are asked for.
    const text = runner.toOutput === true ? kept(`${command} "$@"`, report) : `${command} "$@"`;
    return {
      command: [
        ...(["sh", "-c", [...found.before, text, ...found.after].join(" && "), "sh"] as const),
        ...runner.reportArguments(report),
      ],
      report,
      reportFormat: runner.format,
    };
  }
  return undefined;
}

/** Written to the report and shown; the exit code is the command's own. */
function kept(command: string, report: string): string {
  return `{ ${command} > ${report}; code=$?; cat ${report}; [ "$code" = 0 ]; }`;
}

/** Node takes its own options only before the file names, wherever those stand. */
function withNodeReporter(command: string, report: string): string {
  const options = `--test-reporter=./${nodeReporterPath} --test-reporter-destination=${report} --test-reporter=spec --test-reporter-destination=stdout`;
  return `${command} `.replace(/--test(?=\s)/, `--test ${options}`).trimEnd();
}
