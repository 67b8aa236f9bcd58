/** One command of a package script: `NODE_ENV=test npx vitest run` is the program `vitest`. */
interface ScriptCommand {
  readonly text: string;
  readonly program: string;
  readonly words: readonly string[];
}

const launchers = new Set(["npx", "pnpx", "bunx", "exec", "time", "env", "cross-env"]);
const idle = new Set(["", ":", "true", "exit", "echo", "printf", "sleep", "cd", "test", "["]);

/** The commands of a script between `&&`; separators inside quotes are not looked for, such scripts are one command. */
function commandsOf(script: string): readonly ScriptCommand[] {
  const parts = /["'`$]/.test(script) ? [script] : script.split("&&");
  return parts.map((part) => {
    const words = part.trim().split(/\s+/);
    let index = 0;
    while (index < words.length) {
      const word = words[index] ?? "";
      if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(word) && !launchers.has(word) && !/^--?[a-z]/.test(word))
        break;
      index += 1;
    }
    const program = (words[index] ?? "").replace(/^.*\//, "");
    return { text: part.trim(), program, words: words.slice(index) };
  });
}

/** Why a script can be green whatever the code is like; undefined when it runs something. */
export function emptinessOf(script: string): string | undefined {
  if (/\|\||;\s*(?:true|exit 0|:)\s*$|\|\s*(?:cat|true)\s*$/.test(script))
    return `the script "${script}" hides the exit code of what it runs`;
  if (commandsOf(script).every((command) => idle.has(command.program)))
    return `the script "${script}" runs nothing`;
  return undefined;
}

/**
 * A script with arguments added to the command that runs `program`, as a shell text whose `"$@"` are
 * the arguments. `undefined`: the script does not run that program in a way that can be told.
 */
export function scriptWithArguments(
  script: string,
  runs: (program: string, words: readonly string[]) => boolean,
): string | undefined {
  if (/[;|]|(?<!&)&(?!&)/.test(script)) return undefined;
  const commands = commandsOf(script);
  const index = commands.findIndex((command) => runs(command.program, command.words));
  if (index === -1) return undefined;
  return commands
    .map((command, at) => (at === index ? `${command.text} "$@"` : command.text))
    .join(" && ");
}
