import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "autosd-closing-"));
  mkdirSync(join(project, "scripts"));
  copyFileSync(join(root, "scripts/test.mjs"), join(project, "scripts/test.mjs"));
  writeFileSync(join(project, "scripts/build.mjs"), "");
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** Runs `npm test` of a project with this one test file; returns its exit code and last lines. */
function closing(body: string, env: Record<string, string> = {}) {
  writeFileSync(
    join(project, "sample.test.ts"),
    `import { expect, it } from "vitest";\nimport { appendFileSync } from "node:fs";\n${body}`,
  );
  // The test run that this one is part of must not shine through.
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|CI$|NODE_ENV)/.test(name)),
  );
  const ended = spawnSync(process.execPath, [join(project, "scripts/test.mjs")], {
    encoding: "utf8",
    env: { ...inherited, ...env },
  });
  const lines = ended.stdout.trimEnd().split("\n");
  return { code: ended.status, last: lines.at(-1), text: ended.stdout };
}

const record = (name: string, reason: string) =>
  `appendFileSync(process.env.AUTOSD_TEST_UNAVAILABLE, ${JSON.stringify(JSON.stringify({ name, reason }) + "\n")});`;

describe("the last lines of npm test", () => {
  it("say that everything ran and how many passed", () => {
    const end = closing('it("a", () => {}); it("b", () => {});');
    expect(end.text).toMatch(/\neverything ran\n\n2 passed, 0 failed\n$/);
    expect(end.code).toBe(0);
  });

  it("count failures and name them", () => {
    const end = closing('it("a", () => {}); it("breaks", () => { expect(1).toBe(2); });');
    expect(end.text).toContain("sample.test.ts > breaks");
    expect(end.last).toBe("1 passed, 1 failed");
    expect(end.code).toBe(1);
  });

  it("count a file that does not load as a failure", () => {
    const end = closing('throw new Error("no start"); it("a", () => {});');
    expect(end.last).toBe("0 passed, 1 failed");
    expect(end.code).toBe(1);
  });

  it("count an error outside every test as a failure", () => {
    const end = closing('it("a", () => { void Promise.reject(new Error("nobody waits")); });');
    expect(end.last).toBe("1 passed, 1 failed");
    expect(end.code).toBe(1);
  });

  it("list what could not run, once each, and fail for it on CI only", () => {
    const body = `it("a", () => { ${record("bubblewrap", "no user namespaces")} ${record("bubblewrap", "no user namespaces")} });`;
    const here = closing(body);
    expect(here.text).toContain(
      "could not run here:\n  bubblewrap: no user namespaces\n\n1 passed",
    );
    expect(here).toMatchObject({ code: 0, last: "1 passed, 0 failed" });
    const onCi = closing(body, { CI: "true" });
    expect(onCi).toMatchObject({ code: 1, last: "1 passed, 1 failed" });
  });

  it("do not let a skipped test pass in silence", () => {
    const end = closing('it("a", () => {}); it.skip("left out", () => {});', { CI: "true" });
    expect(end.text).toContain("sample.test.ts > left out: skipped without a recorded reason");
    expect(end.code).toBe(1);
  });

  it("do not call a run without tests a success", () => {
    expect(closing("").code).toBe(1);
  });
});
