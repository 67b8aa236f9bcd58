import type { CompletableCommand, CompletableOption } from "./structure.ts";

/** A fish completion script. */
export function fishScript(commands: readonly CompletableCommand[]): string {
  return `# fish completion for autosd
function __autosd_at
    # True when the words so far name exactly this command.
    set -l words (commandline -opc)
    set -l path
    for word in $words[2..-1]
        set -l next $path $word
        if contains -- "$next" ${commands
          .filter((one) => one.path.length > 0)
          .map((one) => single(one.path.join(" ")))
          .join(" ")}
            set path $path $word
        end
    end
    test "$path" = "$argv"
end
complete -c autosd -f
${commands.flatMap(lines).join("\n")}
`;
}

function lines(command: CompletableCommand): readonly string[] {
  const at = `complete -c autosd -n ${single(`__autosd_at ${command.path.join(" ")}`.trimEnd())}`;
  return [
    ...command.subcommands.map(
      (one) => `${at} -a ${single(one.name)} -d ${single(one.description)}`,
    ),
    ...command.choices.map((choice) => `${at} -a ${single(choice)}`),
    ...command.options.map((option) => `${at} ${optionPart(option)}`),
  ];
}

function optionPart(option: CompletableOption): string {
  const flags = option.flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...flags, ...valuePart(option.value), `-d ${single(option.description)}`].join(" ");
}

function valuePart(value: CompletableOption["value"]): readonly string[] {
  switch (value.kind) {
    case "none":
      return [];
    case "choices":
      return ["-x", `-a ${single(value.choices.join(" "))}`];
    case "file":
      return ["-r", "-F"];
    case "folder":
      return ["-x", `-a ${single("(__fish_complete_directories)")}`];
    case "text":
      return ["-x"];
  }
}

function single(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
