/** A tool of the check and what it must say about a planted file. */
export type Refusal =
  | { readonly tool: "import law"; readonly rule: string }
  | { readonly tool: "lint"; readonly rule: string }
  /** `code` is the compiler's number. */
  | { readonly tool: "types"; readonly code: number };

/** A file that breaks a wall. */
export interface Plant {
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly refusal: Refusal;
  /** Further files that the break needs. */
  readonly more?: Readonly<Record<string, string>>;
}

const law = (rule: string): Refusal => ({ tool: "import law", rule });
const lint = (rule: string): Refusal => ({ tool: "lint", rule });
const types = (code: number): Refusal => ({ tool: "types", code });

const family = "src/adapters/planted-family/thing.ts";
const thing = { [family]: "export const thing = 1;\n" };

const imports: readonly Plant[] = [
  {
    name: "the domain imports an adapter",
    path: "src/delivery/agent/planted-adapter.ts",
    code: 'export { thing } from "../../adapters/planted-family/thing.ts";\n',
    more: thing,
    refusal: law("law-delivery"),
  },
  {
    name: "the command line imports an adapter",
    path: "src/cli/planted-adapter.ts",
    code: 'export { thing } from "../adapters/planted-family/thing.ts";\n',
    more: thing,
    refusal: law("law-cli"),
  },
  {
    name: "the command line imports the domain",
    path: "src/cli/planted-domain.ts",
    code: 'export { backlogSchema } from "../delivery/backlog/backlog.ts";\n',
    refusal: law("law-cli"),
  },
  {
    name: "an adapter imports another family",
    path: "src/adapters/planted-other/other.ts",
    code: 'export { thing } from "../planted-family/thing.ts";\n',
    more: thing,
    refusal: law("law-adapter-families-apart"),
  },
  {
    name: "an adapter imports a flow of the engine",
    path: "src/adapters/planted-other/flow.ts",
    code: 'export type { Autosd } from "../../engine/autosd.ts";\n',
    refusal: law("law-adapters"),
  },
  {
    name: "an adapter lives in no family",
    path: "src/adapters/planted-homeless.ts",
    code: 'export type { Clock } from "../kernel/clock.ts";\n',
    refusal: law("law-adapters-live-in-families"),
  },
  {
    name: "a stage of delivery imports one to its right",
    path: "src/delivery/requirements/planted-stage.ts",
    code: 'export { backlogSchema } from "../backlog/backlog.ts";\n',
    refusal: law("law-delivery-requirements"),
  },
  {
    name: "the kernel imports a room",
    path: "src/kernel/planted-room.ts",
    code: 'export type { Story } from "../delivery/backlog/backlog.ts";\n',
    refusal: law("law-kernel"),
  },
  {
    name: "the machine knows the product",
    path: "src/machine/planted-product.ts",
    code: 'export type { Clock } from "../kernel/clock.ts";\n',
    refusal: law("law-machine"),
  },
  {
    name: "the domain uses the machine",
    path: "src/delivery/agent/planted-machine.ts",
    code: 'export { codeOf } from "../../machine/error-code.ts";\n',
    refusal: law("law-delivery"),
  },
  {
    name: "the engine uses the machine",
    path: "src/engine/planted-machine.ts",
    code: 'export { codeOf } from "../machine/error-code.ts";\n',
    refusal: law("law-engine"),
  },
  {
    name: "the command line uses the machine",
    path: "src/cli/planted-machine.ts",
    code: 'export { codeOf } from "../machine/error-code.ts";\n',
    refusal: law("law-cli"),
  },
  {
    name: "the engine imports the blueprint",
    path: "src/engine/planted-blueprint.ts",
    code: 'export type { ProductModel } from "../blueprint/model/product-model.ts";\n',
    refusal: law("law-engine"),
  },
  {
    name: "the engine imports an adapter",
    path: "src/engine/planted-adapter.ts",
    code: 'export { thing } from "../adapters/planted-family/thing.ts";\n',
    more: thing,
    refusal: law("law-engine"),
  },
  {
    name: "a room without a line in the table",
    path: "src/planted-room/new.ts",
    code: 'export type { Clock } from "../kernel/clock.ts";\n',
    refusal: law("law-known-rooms"),
  },
  {
    name: "the program imports something outside src",
    path: "src/cli/planted-outside.ts",
    code: 'export { secret } from "../../outside.ts";\n',
    more: { "outside.ts": "export const secret = 1;\n" },
    refusal: law("law-nothing-outside-src"),
  },
  {
    name: "a test is imported",
    path: "src/cli/planted-test-import.ts",
    code: 'export { fake } from "./planted.test.ts";\n',
    more: { "src/cli/planted.test.ts": "export const fake = 1;\n" },
    refusal: law("tests-are-not-imported"),
  },
  {
    name: "two files import each other",
    path: "src/kernel/planted-cycle-a.ts",
    code: 'import { b } from "./planted-cycle-b.ts";\nexport const a = (): number => b();\n',
    more: {
      "src/kernel/planted-cycle-b.ts":
        'import { a } from "./planted-cycle-a.ts";\nexport const b = (): number => a();\n',
    },
    refusal: law("no-cycles"),
  },
  {
    name: "two files import each other's types",
    path: "src/kernel/planted-types-a.ts",
    code: 'import type { B } from "./planted-types-b.ts";\nexport interface A { readonly b?: B }\n',
    more: {
      "src/kernel/planted-types-b.ts":
        'import type { A } from "./planted-types-a.ts";\nexport interface B { readonly a?: A }\n',
    },
    refusal: law("no-cycles"),
  },
  {
    name: "the kernel reads files",
    path: "src/kernel/planted-fs.ts",
    code: 'export { readFileSync } from "node:fs";\n',
    refusal: law("pure-node-built-ins"),
  },
  {
    name: "the domain starts processes through an unprefixed name",
    path: "src/delivery/agent/planted-process.ts",
    code: 'export { spawn } from "child_process";\n',
    refusal: law("pure-node-built-ins"),
  },
  {
    name: "the domain imports a package",
    path: "src/delivery/agent/planted-package.ts",
    code: 'export { Command } from "commander";\n',
    refusal: law("pure-packages"),
  },
  {
    name: "the domain imports types of a package",
    path: "src/delivery/agent/planted-package-types.ts",
    code: 'export type { Command } from "commander";\n',
    refusal: law("pure-packages"),
  },
];

const hidden = (name: string, body: string, rule = "no-restricted-syntax"): Plant => ({
  name: `a pure room ${name}`,
  path: `src/delivery/agent/planted-${name.replace(/[^a-z]+/gi, "-").toLowerCase()}.ts`,
  code: `${body}\n`,
  refusal: lint(rule),
});

const globals = "no-restricted-globals";

const hiddenIo: readonly Plant[] = [
  hidden("fetches", 'export const get = () => fetch("x");', globals),
  hidden("fetches by another name", "export const get = fetch;", globals),
  hidden("reads the time", "export const now = () => new Date();"),
  hidden("reads the time without new", "export const now = () => Date();"),
  hidden("reads the time in milliseconds", "export const now = () => Date.now();"),
  hidden("takes the clock along", "export const now = Date.now;"),
  hidden("hides the clock in brackets", 'export const now = () => Date["now"]();'),
  hidden("renames the clock", "const D = Date;\nexport const now = () => new D();"),
  hidden("unpacks the clock", "const { now } = Date;\nexport { now };"),
  hidden("extends the clock", "export class D extends Date {}"),
  hidden("spreads nothing into the clock", "export const now = () => new Date(...([] as []));"),
  hidden("measures", "export const now = () => performance.now();", globals),
  hidden("makes an identifier", "export const id = () => crypto.randomUUID();", globals),
  hidden(
    "imports an identifier",
    'import { randomUUID } from "node:crypto";\nexport const id = () => randomUUID();',
  ),
  hidden(
    "imports all of crypto",
    'import * as c from "node:crypto";\nexport const id = c.createHash;',
  ),
  hidden("throws dice", "export const roll = () => Math.random();"),
  hidden("renames the dice", "const m = Math;\nexport const roll = () => m.random();"),
  hidden("reads the environment", 'export const home = process.env["HOME"];'),
  hidden("names the process", "export const p = process;", globals),
  hidden("takes the global object", "export const g = globalThis;", globals),
  hidden("imports late", 'export const fs = () => import("node:fs");'),
  hidden("waits", "export const wait = (f: () => void) => setTimeout(f, 1);", globals),
  hidden("waits by signal", "export const s = () => AbortSignal.timeout(1);"),
  hidden("evaluates", 'export const now = () => eval("Date.now()") as unknown;', globals),
  hidden("knows its place", "export const here = import.meta.url;"),
  hidden("formats the time", "export const f = () => new Intl.DateTimeFormat().format();", globals),
  hidden(
    "asks for the language of the machine",
    "export const f = (a: string) => a.localeCompare(a);",
  ),
  hidden(
    "evaluates by a constructor",
    'export const f = (() => 1).constructor("return Date.now()") as unknown;',
  ),
  hidden("prints", 'export const say = () => { console.log("x"); };', globals),
];

const elsewhere: readonly Plant[] = [
  {
    name: "an adapter reads the environment",
    path: "src/adapters/planted-other/environment.ts",
    code: 'export const home = process.env["HOME"];\n',
    refusal: lint("no-restricted-syntax"),
  },
  {
    name: "an adapter unpacks the environment",
    path: "src/adapters/planted-other/unpacked.ts",
    code: "const { env } = process;\nexport { env };\n",
    refusal: lint("no-restricted-syntax"),
  },
  {
    name: "the command line imports the environment",
    path: "src/cli/planted-environment.ts",
    code: 'import { env } from "node:process";\nexport const home = env["HOME"];\n',
    refusal: lint("no-restricted-syntax"),
  },
];

const authorization = 'import { Authorization } from "../../governance/policy/authorization.ts";\n';
const authorizationType =
  'import type { Authorization } from "../../governance/policy/authorization.ts";\n';
const verified =
  'import { VerifiedCommit, VerifiedTree } from "../../delivery/verification/verified-commit.ts";\n';
const verifiedTypes =
  'import type { VerifiedCommit, VerifiedTree } from "../../delivery/verification/verified-commit.ts";\n';

const forged = (name: string, code: string, refusal: Refusal): Plant => ({
  name: `a forger ${name}`,
  path: `src/adapters/planted-forger/${name.replace(/[^a-z]+/gi, "-").toLowerCase()}.ts`,
  code: `${code}\n`,
  refusal,
});

/** The private constructor is called. */
const privateConstructor = types(2673);
const privateConstructorExtended = types(2675);
const missingPrivateField = types(2741);
const noAssignment = "@typescript-eslint/no-unsafe-assignment";

const forgeries: readonly Plant[] = [
  forged(
    "constructs an authorization",
    `${authorization}export const a = new Authorization({ kind: "workspace.commit", project: "p", runId: "r", key: "k" });`,
    privateConstructor,
  ),
  forged(
    "constructs a verified tree",
    `${verified}export const make = (r: VerifiedTree["report"]) => [new VerifiedTree(r, "d"), VerifiedCommit];`,
    privateConstructor,
  ),
  forged(
    "constructs behind a comment",
    `${authorization}// @ts-expect-error it is needed here\nexport const a = new Authorization({});`,
    lint("@typescript-eslint/ban-ts-comment"),
  ),
  forged(
    "casts to an authorization",
    `${authorizationType}export const a = (x: unknown) => x as Authorization;`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "casts a list of authorizations",
    `${authorizationType}export const a = (x: unknown[]) => x as readonly Authorization[];`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "casts by an alias",
    `${authorizationType}type A = Authorization;\nexport const a = (x: unknown) => x as A;`,
    lint("@typescript-eslint/no-unsafe-type-assertion"),
  ),
  forged(
    "casts by brackets",
    `${verifiedTypes}export const a = (x: unknown) => [<VerifiedCommit>x, <VerifiedTree>x];`,
    // Erasable syntax only: angle brackets do not even compile.
    types(1294),
  ),
  forged(
    "casts by never",
    `${verifiedTypes}export const a = (x: never): VerifiedCommit | VerifiedTree => x;\nexport const b = (x: unknown) => a(x as never);`,
    lint("@typescript-eslint/no-unsafe-type-assertion"),
  ),
  forged(
    "bears false witness",
    `${authorizationType}export const is = (x: unknown): x is Authorization => x !== null;`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "asserts falsely",
    `${verifiedTypes}export function sure(x: unknown): asserts x is VerifiedTree | VerifiedCommit { if (x === null) throw new Error("x"); }`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "copies the shape of an authorization",
    `${authorizationType}export const a: Authorization = { action: { kind: "workspace.commit", project: "p", runId: "r", key: "k" } };`,
    missingPrivateField,
  ),
  forged(
    "copies the shape of a verified commit",
    `${verifiedTypes}export const c: VerifiedCommit = { commit: "c", tree: "t", verificationDigest: "d" };\nexport type T = VerifiedTree;`,
    missingPrivateField,
  ),
  forged(
    "spreads a verified tree",
    `${verifiedTypes}export const t = (x: VerifiedTree): VerifiedTree => ({ ...x, tree: "other" });\nexport type C = VerifiedCommit;`,
    types(2739),
  ),
  forged(
    "extends an authorization",
    `${authorization}export class A extends Authorization {}`,
    privateConstructorExtended,
  ),
  forged(
    "extends a verified commit",
    `${verified}export class C extends VerifiedCommit {}\nexport type T = VerifiedTree;`,
    privateConstructorExtended,
  ),
  forged(
    "creates from the prototype",
    `${verified}export const c: VerifiedCommit = Object.create(VerifiedCommit.prototype);\nexport type T = VerifiedTree;`,
    lint(noAssignment),
  ),
  forged(
    "creates from a prototype by assignment",
    `${verified}export const c = (x: object): VerifiedCommit => Object.setPrototypeOf(x, VerifiedCommit.prototype);\nexport type T = VerifiedTree;`,
    lint("@typescript-eslint/no-unsafe-return"),
  ),
  forged(
    "constructs by reflection",
    `${verified}const made: unknown = Reflect.construct(VerifiedTree, [{}, "d"]);\nexport const t = VerifiedTree.isGenuine(made) ? made : undefined;\nexport type C = VerifiedCommit;`,
    lint(globals),
  ),
  forged(
    "constructs by the constructor of an instance",
    `${verifiedTypes}export const t = (x: VerifiedTree): VerifiedTree => new (x.constructor as new (r: unknown, d: string) => VerifiedTree)({}, "d");\nexport type C = VerifiedCommit;`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "constructs by an unnamed constructor",
    `${verifiedTypes}export const c: unknown = (x: VerifiedTree) => x["constructor"];\nexport type C = VerifiedCommit;`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "renames the mint",
    `${authorization}export const A = Authorization;\nconst B = Authorization;\nexport const b = B;`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "parses an authorization from text",
    `${authorizationType}export const a = (s: string): Authorization => JSON.parse(s);`,
    lint("@typescript-eslint/no-unsafe-return"),
  ),
  forged(
    "believes a schema",
    `import { z } from "zod";\n${authorizationType}export const a = z.custom<Authorization>();`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "takes any",
    `${authorizationType}// eslint-disable-next-line @typescript-eslint/no-explicit-any\nexport const a = (x: any): Authorization => x;`,
    lint("@typescript-eslint/no-unsafe-return"),
  ),
  forged(
    "authorizes itself outside the engine",
    `${authorization}export const a = Authorization.forLocalAction({ kind: "workspace.commit", project: "p", runId: "r", key: "k" });`,
    lint("no-restricted-syntax"),
  ),
  forged(
    "judges outside the engine",
    `${verified}export const t = VerifiedTree.judge;\nexport type C = VerifiedCommit;`,
    lint("no-restricted-syntax"),
  ),
];

const tail: readonly Plant[] = [
  {
    name: "a function of more than sixty lines",
    path: "src/cli/planted-long-function.ts",
    code: `export function long(): number {\n  let sum = 0;\n${"  sum += 1;\n".repeat(60)}  return sum;\n}\n`,
    refusal: lint("max-lines-per-function"),
  },
  {
    name: "a file of more than four hundred lines",
    path: "src/cli/planted-long-file.ts",
    code: Array.from({ length: 401 }, (_, index) => `export const v${index} = ${index};\n`).join(
      "",
    ),
    refusal: lint("max-lines"),
  },
];

export const plants: readonly Plant[] = [
  ...imports,
  ...hiddenIo,
  ...elsewhere,
  ...forgeries,
  ...tail,
];

/** A file that breaks nothing: refused, it would show that the tools refuse everything. */
export const innocent: readonly { readonly path: string; readonly code: string }[] = [
  {
    path: "src/delivery/agent/planted-innocent.ts",
    code: `import { createHash } from "node:crypto";
import { z } from "zod";
import { isoTime } from "../../kernel/clock.ts";
import type { Story } from "../backlog/backlog.ts";

/** Digest of a story's identifier and a moment. */
export function digestOf(story: Story, epochMs: number): string {
  const year = new Date(epochMs).getUTCFullYear() + Math.floor(Date.parse(isoTime(epochMs)) / 1e12);
  return createHash("sha256").update(z.string().parse(story.id)).update(String(year)).digest("hex");
}
`,
  },
  {
    path: "src/adapters/planted-family/innocent.ts",
    code: `import { readFileSync } from "node:fs";
import { Authorization } from "../../governance/policy/authorization.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";

/** An adapter may do all of this. */
export function act(authorization: Authorization, candidate: unknown): string | undefined {
  if (Authorization.spend(authorization, { kind: "workspace.commit", key: "k" }) !== undefined)
    return undefined;
  return VerifiedTree.isGenuine(candidate) ? readFileSync(candidate.tree, "utf8") : undefined;
}
`,
  },
];
