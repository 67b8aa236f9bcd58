/** Files of Python projects that configure gates beside other things, and files that shadow such a configuration. */
const hookFile = /(?:^|\/)conftest\.py$/;
const hookLine =
  /^\s*(?:(?:async\s+)?def\s+pytest_\w+|@(?:pytest\.)?hook(?:impl|wrapper)\b|(?:collect_ignore(?:_glob)?|pytest_plugins)\b).*$/gm;

/** What takes precedence over a section of pyproject.toml or setup.cfg. */
const shadows: readonly { readonly file: RegExp; readonly section: RegExp }[] = [
  { file: /(?:^|\/)\.?ruff\.toml$/, section: /^\[tool\.ruff\b/m },
  { file: /(?:^|\/)\.?mypy\.ini$/, section: /^\[(?:tool\.)?mypy\b/m },
  { file: /(?:^|\/)\.?pytest\.ini$/, section: /^\[(?:tool[.:])?pytest\b/m },
];

/** Whether a path may hold hooks of the test runner. */
export function isHookFile(path: string): boolean {
  return hookFile.test(path);
}

/** Hooks by which a test runner is told what to collect and what to report; fixtures are none. */
export function hookProblem(path: string, before: string, now: string): string | undefined {
  const known = new Set(hooksIn(before));
  const found = hooksIn(now);
  const added = found.find((line) => !known.has(line));
  if (added !== undefined) return `${path} tells the test runner otherwise now (${added})`;
  return found.length === known.size ? undefined : `${path} lost a hook of the test runner`;
}

function hooksIn(text: string): readonly string[] {
  return [...text.matchAll(hookLine)].map(([line]) => line.trim());
}

/** The file of a tree whose configuration a new file would take the place of. */
export function shadowedBy(path: string, base: ReadonlyMap<string, string>): string | undefined {
  const shadow = shadows.find(({ file }) => file.test(path));
  if (shadow === undefined) return undefined;
  return ["pyproject.toml", "setup.cfg", "tox.ini"].find((name) =>
    shadow.section.test(base.get(name) ?? ""),
  );
}

/** Sections of setup.cfg that configure gates: all but those of packaging. */
export function gateSections(text: string): string {
  return text
    .split(/^(?=\[)/m)
    .filter((section) => !/^\[(?:metadata|options|bdist|sdist|build|egg_info)\b/.test(section))
    .map((section) => section.trim())
    .filter((section) => section !== "")
    .sort()
    .join("\n");
}
