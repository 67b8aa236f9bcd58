/** One command of a package script: `NODE_ENV=test npx vitest run` is the program `vitest`. */
interface ScriptCommand {
  readonly text: string;
  readonly program: string;
  readonly words: readonly string[];
}

type Scripts = Readonly<Record<string, string>>;

const launchers = new Set([
  ...["npx", "pnpx", "bunx", "exec", "time", "env", "cross-env"],
  // These run a command and look at it from outside.
  ...["c8", "nyc", "dotenv", "node-dev"],
]);
const idle = new Set(["", ":", "true", "exit", "echo", "printf", "sleep", "cd", "test", "["]);
/** What managers start by its bare name behind their own. */
const startable = /^(?:exec|vitest|jest|mocha|ava|tap|c8|nyc)$/;
const maxExpansions = 20;

/** The commands of a script between `&&` outside quotes. */
function commandsOf(script: string): readonly ScriptCommand[] {
  return partsOf(script).map((part) => {
    const words = part.trim().split(/\s+/);
    let index = 0;
    while (index < words.length) {
      const word = words[index] ?? "";
      const isLauncher =
        launchers.has(word) ||
        (/^(?:pnpm|yarn|bun)$/.test(word) && startable.test(words[index + 1] ?? ""));
      if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(word) && !isLauncher && !/^--?[a-z]/.test(word)) break;
      index += 1;
    }
    const program = (words[index] ?? "").replace(/^.*\//, "");
    return { text: part.trim(), program, words: words.slice(index) };
  });
}

/** Where a shell would substitute something the whole is one command: what it becomes is not known. */
function partsOf(script: string): readonly string[] {
  if (/[`$]/.test(script)) return [script];
  const pieces = script.match(/"(?:[^"\\]|\\.)*"|'[^']*'|&&|[^"'&]+|["'&]/g) ?? [];
  const parts = [""];
  for (const piece of pieces)
    if (piece === "&&") parts.push("");
    else parts[parts.length - 1] = `${parts.at(-1) ?? ""}${piece}`;
  return parts;
}

/** Why a script can be green whatever the code is like; undefined when it runs something. */
export function emptinessOf(script: string): string | undefined {
  const bare = withoutQuotes(script);
  if (/\|\||;\s*(?:true|exit 0|:)\s*$|\|\s*(?:cat|true)\s*$/.test(bare))
    return `the script "${script}" hides the exit code of what it runs`;
  if (commandsOf(script).every((command) => idle.has(command.program)))
    return `the script "${script}" runs nothing`;
  return undefined;
}

function withoutQuotes(script: string): string {
  return script.replaceAll(/"(?:[^"\\$`]|\\.)*"|'[^']*'/g, "''");
}

/** A script of which one command is known to be of interest: what comes before it, it, and after. */
interface SplitScript {
  readonly before: readonly string[];
  readonly command: string;
  readonly after: readonly string[];
}

/**
 * The first command that runs a program, among the others. `undefined`: the script does not run it in
 * a way that can be told.
 */
export function splitScript(
  script: string,
  runs: (program: string, words: readonly string[]) => boolean,
): SplitScript | undefined {
  if (/[;|]|(?<!&)&(?!&)/.test(withoutQuotes(script))) return undefined;
  const commands = commandsOf(script);
  const index = commands.findIndex((command) => runs(command.program, command.words));
  if (index === -1) return undefined;
  const texts = commands.map((command) => command.text);
  return {
    before: texts.slice(0, index),
    command: texts[index] ?? "",
    after: texts.slice(index + 1),
  };
}

const inner =
  /^(?:npm|pnpm|yarn|bun)(?:\s+(?:-s|--silent))?\s+(?:(?:run-script|run)(?:\s+(?:-s|--silent))?\s+([\w:.-]+)|(test)|(?!run\b)([\w:.-]+))$/;

/**
 * A script as a package manager runs it: with what stands before and after it under its name, and with
 * the scripts that it calls in their places. Undefined: there is none of that name.
 */
export function wholeScript(name: string, scripts: Scripts): string | undefined {
  const budget = { left: maxExpansions };
  return expand(name, scripts, [], budget);
}

function expand(
  name: string,
  scripts: Scripts,
  around: readonly string[],
  budget: { left: number },
): string | undefined {
  const main = scripts[name];
  budget.left -= 1;
  if (main === undefined || around.includes(name) || budget.left < 0) return undefined;
  const inside = [...around, name];
  return [scripts[`pre${name}`], main, scripts[`post${name}`]]
    .filter((one) => one !== undefined)
    .flatMap((text) => partsOf(text))
    .map((part) => {
      const called = calledScript(part, scripts);
      return (called === undefined ? undefined : expand(called, scripts, inside, budget)) ?? part;
    })
    .map((part) => part.trim())
    .join(" && ");
}

function calledScript(command: string, scripts: Scripts): string | undefined {
  const [, run, test, short] = inner.exec(command.trim()) ?? [];
  const name = run ?? test ?? short;
  return name !== undefined && scripts[name] !== undefined ? name : undefined;
}

/** Names of all scripts that one runs, itself and what stands before and after it included. */
export function scriptsBehind(name: string, scripts: Scripts): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const text = scripts[next];
    if (text === undefined || found.has(next)) continue;
    found.add(next);
    open.push(`pre${next}`, `post${next}`);
    for (const part of partsOf(text)) {
      const called = calledScript(part, scripts);
      if (called !== undefined) open.push(called);
    }
  }
  return found;
}
