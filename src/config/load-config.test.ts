import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, type LoadOptions } from "./load-config.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autosd-config-"));
  mkdirSync(join(folder, "user"));
  mkdirSync(join(folder, "app", ".autosd"), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(more: Partial<LoadOptions> = {}) {
  return loadConfig({
    flags: {},
    env: {},
    workingFolder: folder,
    userHome: join(folder, "user"),
    ...more,
  });
}

function writeHome(content: string | Buffer, home = join(folder, "user", ".autosd")): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "config.json"), content);
}

test("needs no file at all", () => {
  expect(load({ projectFolder: join(folder, "app") }).values.home).toBe(
    join(folder, "user/.autosd"),
  );
  expect(load({ projectFolder: join(folder, "not/there") }).values.maxTaskAttempts).toBe(2);
});

test("reads the home file from where AUTOSD_HOME points, and the project's file before it", () => {
  writeHome('{"maxTaskAttempts": 3, "maxStoriesPerSprint": 4}', join(folder, "state"));
  writeFileSync(join(folder, "app/.autosd/config.json"), '\ufeff{"maxTaskAttempts": 5}');
  const { values, sources } = load({
    env: { AUTOSD_HOME: "state" },
    projectFolder: join(folder, "app"),
  });
  expect(values).toMatchObject({
    home: join(folder, "state"),
    maxTaskAttempts: 5,
    maxStoriesPerSprint: 4,
  });
  expect(sources.maxTaskAttempts).toEqual({
    kind: "project",
    file: join(folder, "app/.autosd/config.json"),
  });
});

test("reads the environment of the process when none is given", () => {
  process.env["AUTOSD_MAX_TASK_ATTEMPTS"] = "9";
  try {
    const { values } = loadConfig({ flags: {}, userHome: join(folder, "user") });
    expect(values.maxTaskAttempts).toBe(9);
  } finally {
    delete process.env["AUTOSD_MAX_TASK_ATTEMPTS"];
  }
});

test.each<[string, string | Buffer, RegExp]>([
  ["no JSON", "{ maxTaskAttempts: 2 }", /config\.json is not JSON: /],
  ["an empty file", "", /config\.json is not JSON: /],
  ["an array", "[]", /config\.json is not a JSON object$/],
  ["null", "null", /config\.json is not a JSON object$/],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), /config\.json is not UTF-8 text$/],
  ["a huge file", " ".repeat(300_000), /config\.json is larger than 262144 bytes$/],
])("refuses %s, naming the file", (_name, content, message) => {
  writeHome(content);
  expect(() => load()).toThrow(
    expect.objectContaining({
      code: "AUTOSD-CONFIG-UNREADABLE",
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

test("refuses a folder in the place of the file", () => {
  mkdirSync(join(folder, "user/.autosd/config.json"), { recursive: true });
  expect(() => load()).toThrow(/config\.json is not a file/);
});

test("follows a link to a file, as people who keep their settings in one place use it", () => {
  writeFileSync(join(folder, "settings.json"), '{"verbose": true}');
  mkdirSync(join(folder, "user/.autosd"));
  symlinkSync(join(folder, "settings.json"), join(folder, "user/.autosd/config.json"));
  expect(load().values.verbose).toBe(true);
});

test.each(["app/.autosd/config.json", "app/.autosd"])(
  "does not follow a link in the place of %s, and quotes nothing of what it leads to",
  (planted) => {
    mkdirSync(join(folder, "outside"));
    writeFileSync(join(folder, "outside/config.json"), "what nobody else may read");
    rmSync(join(folder, "app/.autosd"), { recursive: true });
    mkdirSync(join(folder, planted, ".."), { recursive: true });
    const target = planted.endsWith(".json") ? "outside/config.json" : "outside";
    symlinkSync(join(folder, target), join(folder, planted));
    const refused = `${join(folder, planted)} is a symbolic link, which is not followed`;
    expect(() => load({ projectFolder: join(folder, "app") })).toThrow(
      expect.objectContaining({ code: "AUTOSD-CONFIG-UNREADABLE", message: refused }) as Error,
    );
  },
);

test("refuses a home that is a file", () => {
  writeFileSync(join(folder, "state"), "");
  expect(() => load({ env: { AUTOSD_HOME: "state" } })).toThrow(
    expect.objectContaining({
      code: "AUTOSD-CONFIG-INVALID",
      message: `AUTOSD_HOME: ${join(folder, "state")} is not a folder`,
    }) as Error,
  );
});
