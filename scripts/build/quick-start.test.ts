import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
let folder: string;
let compiled: string;
let bytes: Buffer;

/** Says from which file it runs; the characters in its pattern are no ASCII. It changes V8's settings. */
const program = `
import { rmSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { SampleError } from "./errors.ts";
setFlagsFromString("--semi-space-growth-factor=1");
const isQuote = /^[„»\\u{1F600}😀]$/u;
const file = import.meta.url.replace(/.*\\//, "").replace(/-.*/, "");
const { sep } = await0(import("node:path"));
function await0<T>(_later: Promise<T>): { sep: string } { return { sep: "/" }; }
const facts = [file, isQuote.test("»"), isQuote.test("😀"), isQuote.test("x"), sep, new SampleError().name];
if (process.argv.includes("gone")) rmSync(new URL(".", import.meta.url), { recursive: true });
if (process.argv[3] !== "later") process.stdout.write(JSON.stringify(facts));
else void import("./later.ts").then(({ isSample }) => {
  process.stdout.write(JSON.stringify([...facts, isSample(new SampleError())]));
});
`;
const later = `
import { SampleError } from "./errors.ts";
export const isSample = (error: unknown) => error instanceof SampleError;
`;
const errors = `
abstract class Named extends Error {
  constructor() {
    super();
    this.name = new.target.name;
  }
}
export class SampleError extends Named {}
`.replace("{}", "{\n}");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "autosd-quick-"));
  for (const name of ["src", "scripts/build"]) mkdirSync(join(folder, name), { recursive: true });
  const bundling = readdirSync(join(root, "scripts/build")).map((name) => `build/${name}`);
  for (const script of ["build.mjs", ...bundling])
    copyFileSync(join(root, "scripts", script), join(folder, "scripts", script));
  writeFileSync(join(folder, "scripts/build/groups.mjs"), "export const groups = {};\n");
  writeFileSync(join(folder, "package.json"), '{"version":"1.0.0","type":"module"}');
  writeFileSync(join(folder, "src/main.ts"), program);
  writeFileSync(join(folder, "src/errors.ts"), errors);
  writeFileSync(join(folder, "src/later.ts"), later);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  built();
  const name = readdirSync(join(folder, "dist")).find((one) => one.endsWith(".compiled"));
  compiled = join(folder, "dist", name ?? "nothing was compiled");
  bytes = readFileSync(compiled);
}, 60_000);

beforeEach(() => writeFileSync(compiled, bytes));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function built(...flags: readonly string[]): void {
  const ended = spawnSync(process.execPath, ["scripts/build.mjs", ...flags], {
    cwd: folder,
    encoding: "utf8",
  });
  expect([ended.status, ended.stderr]).toEqual([0, ""]);
}

/** From which file the program ran. */
function started(
  command: string,
  { flags = [], options = "" }: { readonly flags?: readonly string[]; options?: string } = {},
): unknown {
  const ended = spawnSync(process.execPath, [...flags, join(folder, "dist/main.js"), command], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: options },
  });
  expect([ended.status, ended.stderr]).toEqual([0, ""]);
  const [file, ...rest] = JSON.parse(ended.stdout) as readonly unknown[];
  expect(rest).toEqual([true, true, false, "/", "SampleError"]);
  return file;
}

test("a run starts from the script, everything else from the modules", () => {
  expect(started("run")).toBe("quick");
  expect(started("doctor")).toBe("full.js");
});

test("what no run has loaded is read when it is wanted, from the files that were there at the start", () => {
  const copy = join(folder, "copy");
  cpSync(join(folder, "dist"), copy, { recursive: true });
  const args = [join(copy, "main.js"), "run", "later", "gone"];
  const ended = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([ended.status, ended.stderr, existsSync(copy)]).toEqual([0, "", false]);
  expect(JSON.parse(ended.stdout)).toEqual(["quick", true, true, false, "/", "SampleError", true]);
});

test("a source map beside the script says where its parts come from", () => {
  const file = compiled.replace(/\.v[^/]+\.compiled$/, "");
  const before = readFileSync(file, "utf8").split('"SampleError"')[0] ?? "";
  const lines = before.split("\n");
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")) as SourceMapPayload);
  const found = map.findEntry(lines.length - 1, lines.at(-1)?.length ?? 0);
  expect(found).toMatchObject({ originalSource: "../src/errors.ts", originalLine: 7 });
});

test("what was compiled by another release, for another V8, is damaged or cut is not used", () => {
  const [, release = "", tag = ""] = /\.(v[\d.]+)-\w+-(\d+)\.compiled$/.exec(compiled) ?? [];
  for (const [own, others] of [
    [tag, String(Number(tag) + 1)],
    [release, "v20.19.0-rc.1"],
  ] as const) {
    const other = compiled.replace(own, others);
    writeFileSync(compiled, bytes);
    renameSync(compiled, other);
    expect(started("run")).toBe("full.js");
    rmSync(other);
  }
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  const cut = bytes.subarray(0, bytes.length / 2);
  for (const bad of [Buffer.alloc(0), Buffer.from("no"), cut, flipped]) {
    writeFileSync(compiled, bad);
    expect(started("run")).toBe("full.js");
  }
});

test("whoever asks Node for more than usual gets the modules with their source maps", () => {
  expect(started("run", { flags: ["--enable-source-maps"] })).toBe("full.js");
  expect(started("run", { options: "--enable-source-maps" })).toBe("full.js");
});

test("a build for packing holds the modules alone", () => {
  built("--clean");
  expect(readdirSync(join(folder, "dist")).filter((name) => name.startsWith("quick"))).toEqual([]);
  expect(started("run")).toBe("full.js");
  rmSync(compiled, { force: true });
});
