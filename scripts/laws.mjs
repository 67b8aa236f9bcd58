#!/usr/bin/env node
/**
 * Laws of the house that no off-the-shelf tool knows: each port has a contract suite, each error
 * code is defined once, no comment
 * switches off a rule that holds a wall. `checkLaws(root)` returns one sentence a violation.
 */
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Ports without a suite of their own, each with the reason (docs/adr/2026-11-23-contract-suites.md). */
const portsWithoutContract = new Map([
  [
    "src/governance/audit/audit-trail.port.ts",
    "an audit log, which has a suite, and what proves one: one adapter, attacked by test/system",
  ],
  [
    "src/governance/audit/witnesses.port.ts",
    "a window on the network; its one adapter is put to real witnesses by test/system",
  ],
  [
    "src/governance/grants/delegation-keys.port.ts",
    "files of one machine; the signers that it gives have a suite",
  ],
  ["src/governance/grants/handed-files.port.ts", "a window on one machine's files"],
  [
    "src/governance/keys/keyring.port.ts",
    "one machine's files and agent, whose tests are the suite; its signers have one",
  ],
  [
    "src/blueprint/platforms/platform.port.ts",
    "judged by generating projects and running their own gates (test/system)",
  ],
  [
    "src/delivery/verification/verification.port.ts",
    "one adapter, whose tests are the suite; the port is mostly the report's shape",
  ],
  [
    "src/delivery/agent/loop/commands.port.ts",
    "one adapter, of sandbox, repository and dependency store, which have suites; its tests are the suite",
  ],
  ["src/engine/ports/doctor.port.ts", "what one machine says about itself"],
  ["src/engine/ports/folders.port.ts", "a window on one machine's folders"],
  ["src/engine/ports/requirements-source.port.ts", "one file, text or stream, by one machine"],
  [
    "src/delivery/agent/model/model.port.ts",
    "one adapter, whose tests put each provider's package to the same questions",
  ],
  ["src/engine/ports/providers.port.ts", "composition: picks among adapters that have suites"],
]);

/** Rules that hold the walls: no comment switches them off. */
const wallRules =
  /no-restricted-(syntax|globals)|ban-ts-comment|no-unsafe-(?!type-assertion|class-instance-assignment)|no-explicit-any|no-non-null-assertion/;

/** With such a name in the file, an unsafe assertion could forge what only a mint makes. */
const minted = /\b(Authorization|Verified(Tree|Commit|Grant))\b/;
const unsafeAssertion = /no-unsafe-(type-assertion|class-instance-assignment)/;

const errorCode = /^\s*"(AUTOSD-[A-Z0-9-]+)":\s*\{/gm;

async function sourceFiles(root) {
  const entries = await readdir(join(root, "src"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

function portsWithoutSuite(files) {
  const known = new Set(files);
  return files
    .filter((file) => file.endsWith(".port.ts") && !portsWithoutContract.has(file))
    .filter((file) => !known.has(file.replace(/\.port\.ts$/, ".contract.ts")))
    .map((file) => `${file} has no contract suite ${file.replace(/\.port\.ts$/, ".contract.ts")}`);
}

function forgottenExceptions(files) {
  const known = new Set(files);
  return [...portsWithoutContract.keys()].flatMap((file) => {
    if (!known.has(file)) return [`scripts/laws.mjs excuses ${file}, which does not exist`];
    return known.has(file.replace(/\.port\.ts$/, ".contract.ts"))
      ? [`scripts/laws.mjs excuses ${file}, which has a contract suite`]
      : [];
  });
}

async function errorCodesDefinedTwice(root, files) {
  const places = new Map();
  for (const file of files.filter((one) => /(^|\/)errors\.ts$/.test(one)))
    for (const [, code] of (await readFile(join(root, file), "utf8")).matchAll(errorCode))
      places.set(code, [...(places.get(code) ?? []), file]);
  return [...places]
    .filter(([, where]) => where.length > 1)
    .map(([code, where]) => `${code} is defined ${where.length} times: ${where.join(", ")}`);
}

/** Verbs that act on the outside: a port's method of that name is privileged. */
const privilegedVerb =
  /^(deploy|promote|rollback|rollBack|push|merge|publish|release|heal|patch|rotate|create(Repo|Repository|Release|PullRequest))[A-Z]?/;
const portMethod = /^ {2}(?:readonly )?([a-z][A-Za-z]*)\??\(([\s\S]*?)\):/gm;

/** Whatever acts on the outside takes an authorization, first. */
async function actsWithoutLeave(root, files) {
  const broken = [];
  for (const file of files.filter((one) => /^src\/(delivery|state)\/.*\.port\.ts$/.test(one)))
    for (const [, method, parameters] of (await readFile(join(root, file), "utf8")).matchAll(
      portMethod,
    ))
      if (privilegedVerb.test(method) && !/^\s*\w+: Authorization\b/.test(parameters))
        broken.push(`${file}: ${method} acts on the outside and takes no Authorization first`);
  return broken;
}

async function lintSwitchedOff(root, files) {
  const broken = [];
  for (const file of files.filter((one) => !/\.(test|contract)\.ts$/.test(one))) {
    const text = await readFile(join(root, file), "utf8");
    const holdsWall = (rules) =>
      wallRules.test(rules) ||
      !/[a-z]/.test(rules) ||
      (unsafeAssertion.test(rules) && minted.test(text));
    for (const [index, line] of text.split("\n").entries()) {
      const directive = /eslint-disable(?:-next-line|-line)?\b(.*)/.exec(line)?.[1];
      if (directive === undefined) continue;
      const [rules = "", reason = ""] = directive.split(" -- ");
      const where = `${file}:${index + 1}`;
      if (holdsWall(rules)) broken.push(`${where} switches off a rule that holds a wall`);
      else if (reason.replace(/\W/g, "") === "")
        broken.push(`${where} switches off a rule without a reason (-- why)`);
    }
  }
  return broken;
}

export async function checkLaws(root) {
  const files = await sourceFiles(root);
  return [
    ...portsWithoutSuite(files),
    ...forgottenExceptions(files),
    ...(await errorCodesDefinedTwice(root, files)),
    ...(await actsWithoutLeave(root, files)),
    ...(await lintSwitchedOff(root, files)),
  ];
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const broken = await checkLaws(join(dirname(fileURLToPath(import.meta.url)), ".."));
  for (const sentence of broken) console.error(sentence);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
