const noise =
  /^(?:npm (?:ERR!|error|warn)|Checked |Found |✖|error Command failed|> |\s*at |Node\.js v)/;

/** The first problem that a formatter, linter or compiler reported, as one line; undefined when no line looks like one. */
export function firstProblem(output: string): string | undefined {
  const lines = output.replaceAll(/\u001b\[[0-9;]*m/g, "").split(/\r?\n/);
  return (
    compilerLine(lines) ??
    biomeBlock(lines) ??
    eslintBlock(lines) ??
    nodeStack(lines) ??
    errorLine(lines)
  );
}

/** What is left to say when nothing looks like a problem: the last line with words in it. */
export function lastWords(output: string): string {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => /\w/.test(line) && !noise.test(line)).at(-1) ?? "no output";
}

function compilerLine(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const tsc = /^(\S[^(]*)\((\d+),(\d+)\): error (?:TS\d+: )?(.+)$/.exec(line);
    if (tsc !== null) return `${tsc[1] ?? ""}:${tsc[2] ?? ""}:${tsc[3] ?? ""} ${tsc[4] ?? ""}`;
    const pretty = /^(\S+?):(\d+):(\d+)(?::| -) (?:error )?(.+)$/.exec(line);
    if (pretty !== null)
      return `${pretty[1] ?? ""}:${pretty[2] ?? ""}:${pretty[3] ?? ""} ${pretty[4] ?? ""}`;
  }
  return undefined;
}

/** `src/a.ts:3:1 lint/... ━━━`, then the words after a cross. */
function biomeBlock(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) =>
    /^\S+?(?::\d+:\d+)? (?:lint|format|assist|parse|organizeImports)\b.*/.test(line),
  );
  if (at === -1) return undefined;
  const [place = ""] = (lines[at] ?? "").split(" ");
  const words = lines
    .slice(at + 1, at + 6)
    .map((line) => /^\s*[×✖!]\s*(.+)$/.exec(line)?.[1])
    .find((text) => text !== undefined);
  return `${place} ${words ?? "does not pass"}`;
}

/** A file name alone on its line, below it `3:1  error  words  rule`. */
function eslintBlock(lines: readonly string[]): string | undefined {
  for (const [index, line] of lines.entries()) {
    const problem = /^\s+(\d+:\d+)\s+error\s+(.+?)(?:\s{2,}\S+)?$/.exec(line);
    if (problem === null) continue;
    const file = lines.slice(0, index).findLast((one) => /^\S+\.\w+$/.test(one)) ?? "";
    return `${file.replace(/^\/workspace\//, "")}:${problem[1] ?? ""} ${problem[2] ?? ""}`;
  }
  return undefined;
}

/** Node names the place alone on a line, `file:line`, and the error further down. */
function nodeStack(lines: readonly string[]): string | undefined {
  const place = lines.find((line) => /^(?:file:\/\/)?\/\S+:\d+$/.test(line));
  const words = errorLine(lines);
  if (place === undefined || words === undefined) return undefined;
  return `${place.replace(/^(?:file:\/\/)?(?:\/workspace\/)?/, "")} ${words}`;
}

function errorLine(lines: readonly string[]): string | undefined {
  return lines
    .map((line) => line.trim())
    .find((line) =>
      /^(?:Uncaught |Exception during run: )?(?:\w*Error|Cannot find|error):?(?:\s|$)/.test(line),
    );
}
