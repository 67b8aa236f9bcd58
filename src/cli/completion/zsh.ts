import type { CompletableCommand, CompletableOption } from "./structure.ts";

/** A zsh completion function, for a file named `_autosd` in `fpath` or to be sourced. */
export function zshScript(commands: readonly CompletableCommand[]): string {
  return `#compdef autosd
# zsh completion for autosd
${commands.map(commandFunction).join("\n")}
if [ "$funcstack[1]" = "_autosd" ]; then
  _autosd "$@"
else
  compdef _autosd autosd
fi
`;
}

function functionName(path: readonly string[]): string {
  return ["_autosd", ...path].join("_");
}

function commandFunction(command: CompletableCommand): string {
  const options = command.options.map((option) => `    ${optionSpec(option)}`);
  const name = functionName(command.path);
  if (command.subcommands.length === 0) {
    const positional =
      command.choices.length === 0
        ? []
        : [`    ${single(`1:value:(${command.choices.join(" ")})`)}`];
    return `${name}() {\n  _arguments -s -S \\\n${[...options, ...positional].join(" \\\n")}\n}`;
  }
  const list = command.subcommands.map(
    (one) => `    ${single(`${one.name}:${described(one.description)}`)}`,
  );
  const cases = command.subcommands.map(
    (one) => `        ${one.name}) ${functionName([...command.path, one.name])} ;;`,
  );
  return `${name}() {
  local context state state_descr line
  typeset -A opt_args
  local -a subcommands
  subcommands=(
${list.join("\n")}
  )
  _arguments -C \\
${options.join(" \\\n")} \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe -t commands command subcommands ;;
    argument)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}`;
}

/** A specification of \`_arguments\`: one for each option, short and long excluding each other. */
function optionSpec(option: CompletableOption): string {
  const text = `[${described(option.description)}]${valueSpec(option.value)}`;
  if (option.flags.length === 1) return single(`${option.flags[0] ?? ""}${text}`);
  return `'(${option.flags.join(" ")})'{${option.flags.join(",")}}${single(text)}`;
}

function valueSpec(value: CompletableOption["value"]): string {
  switch (value.kind) {
    case "none":
      return "";
    case "choices":
      return `:value:(${value.choices.join(" ")})`;
    case "file":
      return ":file:_files";
    case "folder":
      return ":folder:_files -/";
    case "text":
      return ":value:";
  }
}

/** Brackets and colons end a description. */
function described(text: string): string {
  return text.replace(/[[\]:\\]/g, (mark) => `\\${mark}`);
}

function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
