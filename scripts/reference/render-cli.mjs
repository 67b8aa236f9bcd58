import { page } from "./markdown.mjs";

const columns = 100;

/** What the commands need of a machine to print their help, and nothing more. */
function contextOf(write) {
  const output = { write, isTerminal: false, color: false, columns: () => columns };
  return {
    stdout: output,
    stderr: { ...output, write: () => undefined },
    stdin: { isTerminal: false, question: () => Promise.resolve("") },
    cwd: "/",
    version: "0.0.0",
    runtime: "",
    clock: { now: () => 0, monotonicMs: () => 0 },
    every: () => () => undefined,
    atExit: () => () => undefined,
    signal: new AbortController().signal,
    configure: () => Promise.reject(new Error("help needs no configuration")),
    load: () => Promise.reject(new Error("help needs no engine")),
  };
}

/** The page, and every long flag of every command. */
export function renderCli(buildProgram) {
  let text = "";
  const program = buildProgram(
    contextOf((chunk) => {
      text += chunk;
    }),
    () => Promise.resolve(0),
  );
  const flags = new Set();
  const sections = [];
  const visit = (command, path) => {
    for (const option of command.options) flags.add(option.long);
    text = "";
    command.outputHelp();
    sections.push(`## ${path}\n\n\`\`\`text\n${text.trim()}\n\`\`\``);
    for (const inner of command.commands)
      if (inner.name() !== "help") visit(inner, `${path} ${inner.name()}`);
  };
  visit(program, program.name());
  return {
    page: page(["# Commands", "What `--help` prints for each command.", ...sections]),
    flags,
  };
}
