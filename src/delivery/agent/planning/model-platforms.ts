/** A kind of product that a model can be asked to build: one whose gates autosd can run. */
export interface ModelPlatform {
  /** As `--preferred-platform` names it. */
  readonly id: string;
  readonly title: string;
  readonly toolchain: "node" | "python";
}

export const modelPlatforms: readonly ModelPlatform[] = [
  { id: "api_service", title: "HTTP service with a JSON API, on Node.js", toolchain: "node" },
  { id: "web_app", title: "web application served by Node.js", toolchain: "node" },
  { id: "cli_tool", title: "command-line program, on Node.js", toolchain: "node" },
  { id: "library", title: "package for other programs, on Node.js", toolchain: "node" },
  { id: "python_service", title: "HTTP service with a JSON API, in Python", toolchain: "python" },
  { id: "python_tool", title: "command-line program, in Python", toolchain: "python" },
  { id: "python_library", title: "package for other programs, in Python", toolchain: "python" },
];

const word = String.raw`[\w./:=@,+-]+`;
/** Inside the folder. */
const path = String.raw`(?!\S*\.\.)\w[\w./-]*`;
/** Settings of the product; those that make a loader or an interpreter run something else are none. */
const setting = String.raw`(?:(?!PATH|LD_|DYLD_|NODE|NPM|PYTHON|PIP|HOME|SHELL)[A-Z][A-Z0-9_]{0,40}=[\w./:@-]{0,80} )*`;

/** Forms of commands that start what is in the folder, and fetch nothing that its lockfile does not name. */
const forms: Readonly<Record<ModelPlatform["toolchain"], readonly RegExp[]>> = {
  node: [
    /^npm (?:ci|install)(?: --[a-z-]+)*$/,
    new RegExp(`^${setting}npm (?:start|test|run [\\w:-]+)(?: -- ${word}(?: ${word})*)?$`),
    new RegExp(`^${setting}node ${path}(?: ${word})*$`),
  ],
  python: [
    /^python3 -m venv \.venv$/,
    new RegExp(`^\\.venv/bin/(?:python -m )?pip install (?:-r ${path}|-e \\.|\\.)$`),
    new RegExp(
      `^${setting}(?:python3|\\.venv/bin/python) (?:-m (?!pip|ensurepip|pdb|timeit)[\\w.]+|${path})(?: ${word})*$`,
    ),
  ],
};

/**
 * Whether a command only starts the project. People copy these commands: a model that was talked
 * into another one must not put it into their hands.
 */
export function isStartCommand(platform: ModelPlatform, command: string): boolean {
  return command.length <= 300 && forms[platform.toolchain].some((form) => form.test(command));
}
