import type { Denial } from "../../backlog/denial.ts";
import { denialErrors } from "./errors.ts";
import { shellStatements, type Statement } from "./shell-statements.ts";

/** Subcommands that act on the world; `all`: whatever the program does, it does out there. */
type Acts = readonly string[] | "all";

const publishes: Acts = ["publish", "unpublish", "deprecate", "dist-tag", "owner", "access"];

/** Programs whose business is outside the workspace. What they would need is never in a sandbox. */
const actors: Readonly<Record<string, Acts>> = {
  git: ["push", "send-email"],
  ...{ npm: publishes, pnpm: publishes, yarn: publishes },
  ...{ cargo: ["publish", "yank"], gem: ["push", "yank"], twine: ["upload"] },
  ...{ docker: ["push", "login"], podman: ["push", "login"] },
  ...{ gh: "all", glab: "all", kubectl: "all", autosd: "all" },
  helm: ["install", "upgrade", "uninstall", "rollback", "push"],
  ...{ terraform: ["apply", "destroy", "import"], tofu: ["apply", "destroy", "import"] },
  ...{ aws: "all", gcloud: "all", az: "all" },
  ...{ ssh: "all", scp: "all", sftp: "all", sendmail: "all" },
};

/** Words before a command that run it. */
const carriers = new Set(
  "sudo env nohup time exec command builtin ! then do else elif if while until { timeout nice xargs".split(
    " ",
  ),
);
export const shells: ReadonlySet<string> = new Set(["sh", "bash", "dash", "zsh"]);
const looksOnly = new Set(["--help", "-h", "--version", "-V", "--dry-run"]);
/** Options of programs above that take the next word. */
const withValue = new Set([
  "-C",
  "-c",
  "--git-dir",
  "--work-tree",
  "--prefix",
  "--namespace",
  "-n",
]);
const maxShellsInShells = 3;

/**
 * Why a shell command may not be run: it holds one that acts on the world, for which a person's
 * grant is needed and an implementer never has any. Undefined: it may. The sandbox is what holds a
 * command; this tells the denial from a failure.
 */
export function deniedAction(command: string): Denial | undefined {
  const action = actionIn(command, 0);
  if (action === undefined) return undefined;
  const code = "AUTOSD-ACTION-DENIED";
  return { code, action, remedy: remedyOf(action) };
}

function actionIn(command: string, depth: number): string | undefined {
  for (const statement of shellStatements(command)) {
    const words = withoutCarriers(statement);
    const program = words[0]?.split("/").at(-1) ?? "";
    const script = shells.has(program) ? words[words.indexOf("-c") + 1] : undefined;
    const isScript = script !== undefined && words.includes("-c") && depth < maxShellsInShells;
    const action = isScript ? actionIn(script, depth + 1) : actionOf(program, words.slice(1));
    if (action !== undefined) return action;
  }
  return undefined;
}

function actionOf(program: string, rest: Statement): string | undefined {
  const acts = Object.hasOwn(actors, program) ? actors[program] : undefined;
  if (acts === undefined || rest.some((word) => looksOnly.has(word))) return undefined;
  if (acts === "all") return program;
  const verb = firstVerb(rest);
  return verb !== undefined && acts.includes(verb) ? `${program} ${verb}` : undefined;
}

function firstVerb(words: Statement): string | undefined {
  return words.find((word, at) => !word.startsWith("-") && !withValue.has(words[at - 1] ?? ""));
}

/** Variables that are set for it and programs that run it go. */
export function withoutCarriers(statement: Statement): Statement {
  const at = statement.findIndex(
    (word) => !carriers.has(word) && !/^[A-Za-z_]\w*=/.test(word) && !/^-|^\d+[smh]?$/.test(word),
  );
  return at === -1 ? [] : statement.slice(at);
}

function remedyOf(action: string): string {
  if (action === "git push")
    return "Push what is verified yourself: autosd push --project PROJECT --preauth-grant GRANT; take the push out of the requirements.";
  return denialErrors["AUTOSD-ACTION-DENIED"].remedy;
}
