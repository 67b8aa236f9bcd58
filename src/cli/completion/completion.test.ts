import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMemoryContext, runInMemory } from "../memory-context.ts";
import { buildProgram } from "../program.ts";
import { completableCommands } from "./structure.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-completion-"));
  await writeFile(join(folder, "spec one.md"), "");
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await runInMemory(["completion", shell]);
    await writeFile(join(folder, `autosd.${shell}`), stdout);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a shell prints; undefined when the shell is not installed, which is put on record. */
function shellOutput(shell: string, args: readonly string[]): string | undefined {
  const ended = spawnSync(shell, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
    env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb", LC_ALL: "C.UTF-8" },
  });
  if (ended.error !== undefined) {
    expect(ended.error).toMatchObject({ code: "ENOENT" });
    const record = process.env["AUTOSD_TEST_UNAVAILABLE"];
    const line = { name: `completion in ${shell}`, reason: `${shell} is not installed` };
    if (record !== undefined) appendFileSync(record, `${JSON.stringify(line)}\n`);
    return undefined;
  }
  expect(ended.stderr).toBe("");
  return ended.stdout;
}

/** What each shell offers for the words typed; the last one is being typed. */
const askers: Readonly<
  Record<string, (words: readonly string[]) => readonly string[] | undefined>
> = {
  bash: (words) =>
    shellOutput("bash", [
      "--norc",
      "-c",
      'source ./autosd.bash; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _autosd; printf "%s\\n" "${COMPREPLY[@]}"',
      "bash",
      ...words,
    ])?.split("\n"),
  fish: (words) =>
    shellOutput("fish", [
      "--no-config",
      "-c",
      `source ./autosd.fish; complete -C ${quoted(words.map(fishWord).join(" "))}`,
    ])
      ?.split("\n")
      .map((line) => line.split("\t")[0] ?? ""),
};

const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
const fishWord = (word: string) => word.replaceAll(" ", "\\ ");

test.each(Object.keys(askers))("completes commands, options, values and files in %s", (shell) => {
  const ask = (...words: string[]) => askers[shell]?.(["autosd", ...words]);
  const top = ask("");
  if (top === undefined) return;
  expect(top).toEqual(expect.arrayContaining(["run", "refine", "projects", "completion"]));
  expect(ask("pro")).toContain("projects");
  expect(ask("pro")).not.toContain("run");
  expect(ask("projects", "")).toEqual(expect.arrayContaining(["list", "show", "status", "retire"]));
  expect(ask("run", "--rep")).toEqual(expect.arrayContaining(["--replay-file", "--reproducible"]));
  expect(ask("run", "--js")).toContain("--json");
  expect(ask("run", "--provider", "")).toEqual(
    expect.arrayContaining(["auto", "blueprint", "replay"]),
  );
  expect(ask("run", "--provider", "b")?.filter((word) => word !== "")).toEqual(["blueprint"]);
  expect(ask("completion", "z")).toContain("zsh");
  expect(ask("run", "--requirements-file", "spec")?.join()).toContain("spec one.md");
  expect(ask("run", "--json", "projects", "")).not.toContain("retire");
});

/** zsh completes only while a line is edited, so a zsh on a pseudo terminal of its own does that. */
const zshDialogue = `
zmodload zsh/zpty
zpty z 'TERM=dumb exec zsh -f -i'
zpty -w z 'PS1=; autoload -Uz compinit; compinit -D -u; source ./autosd.zsh; compdef _autosd autosd'
zpty -w z 'LISTMAX=10000; unsetopt beep; bindkey "^I" list-choices; echo re""ady'
zpty -r z out '*ready*'
for typed shown in "$@"; do
  zpty -n -w z "$typed"$'\\t'
  # zsh drops a listing when more keys wait: nothing is typed before it is there.
  zpty -r z list "*$shown*"
  zpty -n -w z $'\\C-u'
  zpty -w z 'echo en""ded'
  zpty -r z out '*ended*'
  print -r -- "$list$out"$'\\f'
done
zpty -d z`;

test("completes commands, options, values and files in zsh", () => {
  // What is typed, and what the listing shows when it is there.
  const dialogue = [
    ["autosd ", "sprint"],
    ["autosd projects ", "retire"],
    ["autosd run --provider ", "blueprint"],
    ["autosd run --re", "--reproducible"],
    ["autosd run --requirements-file spec", "one.md"],
  ];
  const output = shellOutput("zsh", ["-f", "-c", zshDialogue, "zsh", ...dialogue.flat()]);
  if (output === undefined) return;
  const [top, projects, provider, dashes, file] = output.split("\f");
  for (const name of ["run", "refine", "projects"])
    expect(top).toMatch(new RegExp(`^${name} +-- `, "m"));
  expect(projects).toMatch(/^retire +-- /m);
  expect(provider).toContain("blueprint");
  expect(dashes).toContain("--reproducible");
  expect(file).toMatch(/spec.* one\.md/);
});

test.each(["bash", "zsh", "fish"])("writes a script that %s itself finds in order", (shell) => {
  const checked = shellOutput(shell, ["-n", `./autosd.${shell}`]);
  if (checked !== undefined) expect(checked).toBe("");
});

test("knows every command and every choice of the program", () => {
  const program = buildProgram(createMemoryContext().context, async () => undefined);
  const commands = completableCommands(program);
  const run = commands.find((one) => one.path.join(" ") === "run");
  expect(run?.options.find((one) => one.flags.includes("--execution-mode"))?.value).toEqual({
    kind: "choices",
    choices: ["direct", "planning", "auto"],
  });
  expect(run?.options.find((one) => one.flags.includes("--output-dir"))?.value.kind).toBe("folder");
  expect(run?.options.find((one) => one.flags.includes("--record"))?.value.kind).toBe("file");
  expect(commands.length).toBe(64);
});
