import type { CompletableCommand } from "./structure.ts";

/** A bash completion script that works without the bash-completion package. */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const names = commands.filter((one) => one.path.length > 0);
  return `# bash completion for autosd
_autosd() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" path="" word i
  (( COMP_CWORD > 0 )) && previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  for (( i = 1; i < COMP_CWORD; i++ )); do
    word="\${COMP_WORDS[i]}"
    case "\${path:+$path }$word" in
${names.map((one) => `      ${pattern(one)}) path=${quote(one.path.join(" "))} ;;`).join("\n")}
    esac
  done
  case "$path $previous" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${commands.map(wordCase).join("\n")}
  esac
}
_autosd_words() {
  local IFS=$'\\n'
  COMPREPLY=( $(compgen -W "$1" -- "$2") )
}
_autosd_paths() {
  local IFS=$'\\n'
  type compopt > /dev/null 2>&1 && compopt -o filenames 2> /dev/null
  COMPREPLY=( $(compgen "$1" -- "$2") )
}
complete -F _autosd autosd
`;
}

function pattern(command: CompletableCommand): string {
  return quote(command.path.join(" "));
}

function valueCases(command: CompletableCommand): readonly string[] {
  return command.options.flatMap((option) => {
    const place = option.flags.map((flag) => quote(`${command.path.join(" ")} ${flag}`)).join("|");
    switch (option.value.kind) {
      case "none":
        return [];
      case "choices":
        return [`    ${place}) _autosd_words ${words(option.value.choices)} "$current"; return ;;`];
      case "file":
        return [`    ${place}) _autosd_paths -f "$current"; return ;;`];
      case "folder":
        return [`    ${place}) _autosd_paths -d "$current"; return ;;`];
      case "text":
        return [`    ${place}) return ;;`];
    }
  });
}

function wordCase(command: CompletableCommand): string {
  const all = [
    ...command.subcommands.map((one) => one.name),
    ...command.choices,
    ...command.options.flatMap((option) => option.flags.filter((flag) => flag.startsWith("--"))),
  ];
  return `    ${quote(command.path.join(" "))}) _autosd_words ${words(all)} "$current" ;;`;
}

function words(list: readonly string[]): string {
  return `$'${list.join("\\n")}'`;
}

function quote(text: string): string {
  return `"${text}"`;
}
