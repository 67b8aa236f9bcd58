import { code, page, table } from "./markdown.mjs";

const exitCodes = [
  [0, "Done."],
  [1, "A bug in autosd: it prints what to report."],
  [2, "Usage or configuration: change the command, the input or the machine."],
  [3, "Refused: a grant, a policy or a person says no."],
  [4, "The work is not verified: a gate or a story failed."],
  [5, "Something outside gave up after bounded retries: disk, network, registry, provider."],
  [6, "Integrity is broken: state, audit trail or provenance do not agree."],
  [7, "Stopped by a budget, a rate limit or a halt; resumable."],
  [8, "No progress."],
  [130, "Interrupted; resumable."],
];

/** `modules` are pairs of path and module. Every problem is a reason not to write the reference. */
export function collectErrors(modules) {
  const problems = [];
  const errors = new Map();
  for (const [path, module] of modules) {
    const tables = Object.entries(module).filter(([name]) => name.endsWith("Errors"));
    for (const [name, entries] of tables)
      for (const [id, spec] of Object.entries(entries)) {
        const at = `src/${path}: ${name}: ${id}`;
        const other = errors.get(id);
        if (other !== undefined) problems.push(`${at} is defined in src/${other.path} too`);
        errors.set(id, { path, ...spec });
        problems.push(...specProblems(spec).map((problem) => `${at} ${problem}`));
        if (!/^AUTOSD(-[A-Z0-9]+)+$/.test(id))
          problems.push(`${at} is not of the form AUTOSD-WORDS`);
      }
  }
  return { errors, problems };
}

function specProblems(spec) {
  const problems = [];
  if (!exitCodes.some(([exitCode]) => exitCode === spec.exitCode && exitCode !== 0))
    problems.push(`has no known exit code (${spec.exitCode})`);
  for (const key of ["summary", "remedy"])
    if (typeof spec[key] !== "string" || spec[key].trim() === "") problems.push(`has no ${key}`);
  if (typeof spec.retryable !== "boolean") problems.push("does not say whether it is retryable");
  return problems;
}

export function renderErrors(errors) {
  const rows = [...errors.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([id, spec]) => [
      `<a id="${id.toLowerCase()}"></a>${code(id)}`,
      String(spec.exitCode),
      spec.summary,
      spec.remedy,
      spec.retryable ? "yes" : "no",
    ]);
  return page([
    "# Errors",
    "A command that cannot do its work says what happened, the code of the error and a remedy, in text and with `--json` alike. The remedy that is printed often names more than the one below: the file, the id, the command to run.",
    table(["Code", "Exit code", "Meaning", "Remedy", "Same command may succeed later"], rows),
    "## Exit codes",
    table(
      ["Exit code", "Meaning"],
      exitCodes.map(([exitCode, meaning]) => [String(exitCode), meaning]),
    ),
  ]);
}
