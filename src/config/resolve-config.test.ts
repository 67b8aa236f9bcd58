import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeConfig } from "./describe-config.ts";
import { ConfigError } from "./errors.ts";
import type { OptionType } from "./option.ts";
import { options, optionNames } from "./options.ts";
import { resolveConfig, type ConfigInputs } from "./resolve-config.ts";

const project = (content: Readonly<Record<string, unknown>>): ConfigInputs["project"] => ({
  file: "/srv/app/.autosd/config.json",
  folder: "/srv/app/.autosd",
  content,
});
const home = (content: Readonly<Record<string, unknown>>): ConfigInputs["home"] => ({
  file: "/users/u/.autosd/config.json",
  folder: "/users/u/.autosd",
  content,
});

function resolve(inputs: Partial<ConfigInputs>) {
  return resolveConfig({
    flags: {},
    env: {},
    project: undefined,
    home: undefined,
    workingFolder: "/srv",
    userHome: "/users/u",
    ...inputs,
  });
}

function problemsOf(inputs: Partial<ConfigInputs>): readonly string[] {
  try {
    resolve(inputs);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toMatchObject({ code: "AUTOSD-CONFIG-INVALID", exitCode: 2 });
    const { problems } = error.details as { readonly problems: readonly string[] };
    for (const problem of problems) expect(error.message).toContain(problem);
    return problems;
  }
  return [];
}

test("without anything set, everything has its default", () => {
  const { values, sources } = resolve({});
  expect(values).toEqual({
    home: "/users/u/.autosd",
    logFile: "/users/u/.autosd/autosd.log",
    auditLog: "/users/u/.autosd/audit.log.jsonl",
    verbose: false,
    color: "auto",
    parallelPromptWorkers: 1,
    allowStaleParallelPrompts: false,
    strictParallelPrompts: false,
    provider: "auto",
    preferredPlatform: undefined,
    maxTaskAttempts: 2,
    maxStoriesPerSprint: 8,
    timeoutSeconds: undefined,
    sandbox: "auto",
    registryHosts: [],
    cacheMaxMegabytes: 5_000,
    cacheUnusedDays: 30,
    agentEgress: [],
    agentEnv: [],
    agentReadDirs: [],
    agentSilentSeconds: 600,
    agentTimeoutSeconds: 3_600,
  });
  expect(new Set(Object.values(sources).map((source) => source.kind))).toEqual(
    new Set(["default"]),
  );
});

describe("precedence", () => {
  const everywhere = {
    flags: { maxTaskAttempts: 5 },
    env: { AUTOSD_MAX_TASK_ATTEMPTS: "4" },
    project: project({ maxTaskAttempts: 3 }),
    home: home({ maxTaskAttempts: 1 }),
  };
  test.each([
    ["a flag", everywhere, 5, { kind: "flag", name: "--max-task-attempts" }],
    [
      "then the environment",
      { ...everywhere, flags: {} },
      4,
      { kind: "environment", name: "AUTOSD_MAX_TASK_ATTEMPTS" },
    ],
    [
      "then the project's file",
      { ...everywhere, flags: {}, env: {} },
      3,
      { kind: "project", file: "/srv/app/.autosd/config.json" },
    ],
    [
      "then the file of the home folder",
      { home: everywhere.home },
      1,
      { kind: "home", file: "/users/u/.autosd/config.json" },
    ],
  ])("%s decides", (_name, inputs, value, source) => {
    const resolved = resolve(inputs);
    expect(resolved.values.maxTaskAttempts).toBe(value);
    expect(resolved.sources.maxTaskAttempts).toEqual(source);
  });

  test("holds for every option and every set of sources", () => {
    const samples: Readonly<
      Record<Exclude<OptionType["kind"], "choice" | "integer">, readonly [string, unknown]>
    > = {
      path: ["/a/b", "/a/b"],
      boolean: ["true", true],
      amount: ["7.5", 7.5],
      word: ["model:large", "model:large"],
      url: ["http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"],
      name: ["api_service", "api_service"],
      hosts: ["npm.example:443", ["npm.example:443"]],
      command: ["agent --stdio 'two words'", ["agent", "--stdio", "two words"]],
      variables: ["AGENT_KEY,OTHER", ["AGENT_KEY", "OTHER"]],
      paths: ["/a/b:/c", ["/a/b", "/c"]],
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...optionNames),
        fc.subarray(["flag", "environment", "project", "home"] as const),
        (name, givers) => {
          const option = options[name];
          const { type } = option;
          const [text, value] =
            type.kind === "choice"
              ? [type.choices[0], type.choices[0]]
              : type.kind === "integer"
                ? [String(type.minimum), type.minimum]
                : samples[type.kind];
          const files: readonly string[] = option.files;
          const given = givers.filter(
            (giver) => giver === "flag" || giver === "environment" || files.includes(giver),
          );
          const resolved = resolve({
            flags: given.includes("flag") ? { [name]: value } : {},
            env: given.includes("environment") ? { [option.env]: text } : {},
            project: given.includes("project") ? project({ [name]: value }) : undefined,
            home: given.includes("home") ? home({ [name]: value }) : undefined,
          });
          expect(resolved.sources[name].kind).toBe(given[0] ?? "default");
          if (given.length > 0) expect(resolved.values[name]).toEqual(value);
        },
      ),
    );
  });
});

describe("paths", () => {
  test.each([
    ["~/state", "/users/u/state"],
    ["~", "/users/u"],
    ["state", "/srv/state"],
    ["../state/", "/state"],
    ["/a//b/../c/", "/a/c"],
    ["./~", "/srv/~"],
  ])("AUTOSD_HOME=%s is %s", (text, path) => {
    const { values } = resolve({ env: { AUTOSD_HOME: text } });
    expect(values.home).toBe(path);
    expect(values.logFile).toBe(`${path}/autosd.log`);
  });

  test("a relative path in a file starts at the file, in a flag at the current folder", () => {
    expect(resolve({ home: home({ logFile: "logs/a.log" }) }).values.logFile).toBe(
      "/users/u/.autosd/logs/a.log",
    );
    expect(resolve({ flags: { logFile: "a.log" } }).values.logFile).toBe("/srv/a.log");
  });
});

describe("texts of the environment", () => {
  test.each([
    ["AUTOSD_VERBOSE", "1", "verbose", true],
    ["AUTOSD_VERBOSE", "Yes", "verbose", true],
    ["AUTOSD_VERBOSE", "off", "verbose", false],
    ["AUTOSD_TIMEOUT_SECONDS", " 90 ", "timeoutSeconds", 90],
    ["AUTOSD_SANDBOX", "none", "sandbox", "none"],
    [
      "AUTOSD_REGISTRY_HOSTS",
      "Npm.Example, 10.0.0.7:4873,[::1]:80,",
      "registryHosts",
      ["npm.example", "10.0.0.7:4873", "[::1]:80"],
    ],
    ["NO_COLOR", "1", "color", "never"],
    ["FORCE_COLOR", "1", "color", "always"],
  ] as const)("%s=%s", (variable, text, name, value) => {
    const { values, sources } = resolve({ env: { [variable]: text } });
    expect(values[name]).toEqual(value);
    expect(sources[name]).toEqual({ kind: "environment", name: variable });
  });

  test("AUTOSD_COLOR decides before NO_COLOR, and an empty or switched-off convention says nothing", () => {
    expect(resolve({ env: { AUTOSD_COLOR: "always", NO_COLOR: "1" } }).values.color).toBe("always");
    expect(resolve({ env: { NO_COLOR: "", FORCE_COLOR: "0" } }).values.color).toBe("auto");
  });
});

describe("refusals", () => {
  test.each<[string, Partial<ConfigInputs>, string]>([
    [
      "an empty home",
      { env: { AUTOSD_HOME: "" } },
      "AUTOSD_HOME is set but empty; unset it instead",
    ],
    [
      "a blank home",
      { env: { AUTOSD_HOME: "  " } },
      "AUTOSD_HOME is set but empty; unset it instead",
    ],
    [
      "the root folder as home",
      { env: { AUTOSD_HOME: "/tmp/.." } },
      "AUTOSD_HOME must be a folder of its own, not the root folder",
    ],
    [
      "another user's folder",
      { env: { AUTOSD_HOME: "~root/x" } },
      `AUTOSD_HOME must not begin with another user's ~ ("~root/x")`,
    ],
    [
      "a NUL in a path",
      { env: { AUTOSD_LOG_FILE: "a\0b" } },
      'AUTOSD_LOG_FILE must be a path, not "a\\u0000b"',
    ],
    [
      "a number out of bounds",
      { flags: { maxTaskAttempts: 0 } },
      "--max-task-attempts must be a whole number from 1 to 20, not 0",
    ],
    [
      "a number that is none",
      { env: { AUTOSD_TIMEOUT_SECONDS: "1.5" } },
      'AUTOSD_TIMEOUT_SECONDS must be a whole number from 1 to 2592000, not "1.5"',
    ],
    [
      "a text for a number in a file",
      { home: home({ maxTaskAttempts: "2" }) },
      '/users/u/.autosd/config.json: maxTaskAttempts must be a whole number from 1 to 20, not "2"',
    ],
    [
      "a misspelt choice",
      { env: { AUTOSD_SANDBOX: "bublewrap" } },
      'AUTOSD_SANDBOX must be one of auto, bubblewrap, unshare, none, not "bublewrap"; did you mean bubblewrap?',
    ],
    [
      "a word for true that is none",
      { env: { AUTOSD_VERBOSE: "ja" } },
      'AUTOSD_VERBOSE must be true or false, not "ja"',
    ],
    [
      "a secret in an address",
      { env: { AUTOSD_BASE_URL: ["https://me:", "word@models.example/v1?key=word"].join("") } },
      'AUTOSD_BASE_URL must be an address that begins with http:// or https://, without a user or a query, not "https://...@models.example/v1?..."',
    ],
    [
      "a URL as host",
      { env: { AUTOSD_REGISTRY_HOSTS: "https://npm.example" } },
      'AUTOSD_REGISTRY_HOSTS must be a list of host or host:port, without scheme, not ["https://npm.example"]',
    ],
    [
      "an impossible port",
      { env: { AUTOSD_REGISTRY_HOSTS: "npm.example:65536" } },
      'AUTOSD_REGISTRY_HOSTS must be a list of host or host:port, without scheme, not ["npm.example:65536"]',
    ],
    [
      "a misspelt key",
      { project: project({ maxTaskAtempts: 2 }) },
      '/srv/app/.autosd/config.json: "maxTaskAtempts" is not an option; did you mean maxTaskAttempts?',
    ],
    [
      "a key in other letters",
      { home: home({ max_task_attempts: 2 }) },
      '/users/u/.autosd/config.json: "max_task_attempts" is not an option; did you mean maxTaskAttempts?',
    ],
    [
      "a strange key",
      { home: home({ colour: "never", "": 1 }) },
      '/users/u/.autosd/config.json: "colour" is not an option; did you mean color?',
    ],
    [
      "a misspelt variable",
      { env: { AUTOSD_SANBOX: "none" } },
      "AUTOSD_SANBOX is not a variable of autosd; did you mean AUTOSD_SANDBOX?",
    ],
    [
      "a project that switches the sandbox off",
      { project: project({ sandbox: "none" }) },
      "/srv/app/.autosd/config.json: sandbox cannot be set in this file; set it with AUTOSD_SANDBOX or the home config.json",
    ],
    [
      "a project that opens the network",
      { project: project({ registryHosts: ["evil.example"] }) },
      "/srv/app/.autosd/config.json: registryHosts cannot be set in this file; set it with AUTOSD_REGISTRY_HOSTS or the home config.json",
    ],
    [
      "a project that writes elsewhere",
      { project: project({ logFile: "/etc/x" }) },
      "/srv/app/.autosd/config.json: logFile cannot be set in this file; set it with AUTOSD_LOG_FILE or the home config.json",
    ],
    [
      "a home inside of the home",
      { home: home({ home: "/x" }) },
      "/users/u/.autosd/config.json: home cannot be set in this file; set it with AUTOSD_HOME",
    ],
  ])("refuses %s", (_name, inputs, problem) => {
    expect(problemsOf(inputs)).toContain(problem);
  });

  test("says what is missing when there is no home folder or no current folder", () => {
    expect(problemsOf({ userHome: undefined })).toEqual([
      "AUTOSD_HOME is not set, and its default is ~/.autosd, but this user has no home folder; name another",
    ]);
    expect(problemsOf({ userHome: undefined, env: { AUTOSD_HOME: "/srv/autosd" } })).toEqual([]);
    expect(problemsOf({ workingFolder: undefined })).toEqual([]);
    expect(problemsOf({ workingFolder: undefined, flags: { logFile: "a.log" } })).toEqual([
      '--log-file is relative ("a.log"), but the current folder is gone',
    ]);
  });

  test("names every problem at once, also where a better source decides", () => {
    expect(
      problemsOf({
        flags: { provider: "auto" },
        env: { AUTOSD_PROVIDER: "gpt", AUTOSD_VERBOSE: "x" },
        home: home({ unknown: 1 }),
      }),
    ).toHaveLength(3);
  });

  test("lets variables and document members alone that are none of its own", () => {
    expect(
      problemsOf({
        env: { AUTOSD_TEST_UNAVAILABLE: "/x", PATH: "/bin", AUTOSD_: "1" },
        home: home({ schema: "autosd/config@1", $schema: "./config.schema.json" }),
      }),
    ).toEqual([]);
  });

  test("takes members of a hostile file for data", () => {
    const hostile = JSON.parse('{"__proto__":{"sandbox":"none"},"constructor":1}') as object;
    expect(problemsOf({ home: home({ ...hostile, ["__proto__"]: 1 }) })).toHaveLength(2);
    expect(problemsOf({ project: project(hostile as Record<string, unknown>) })).toHaveLength(2);
  });
});

test("config show lists every option with its value and who decided it", () => {
  const lines = describeConfig(
    resolve({
      flags: { verbose: true },
      env: { AUTOSD_PROVIDER: "replay" },
      home: home({ color: "never" }),
    }),
  );
  expect(lines.map((line) => line.name)).toEqual(optionNames);
  const show = (name: string) => lines.find((line) => line.name === name);
  expect(show("verbose")).toEqual({
    name: "verbose",
    value: true,
    source: "flag",
    from: "--verbose",
  });
  expect(show("provider")).toEqual({
    name: "provider",
    value: "replay",
    source: "environment",
    from: "AUTOSD_PROVIDER",
  });
  expect(show("color")).toEqual({
    name: "color",
    value: "never",
    source: "home",
    from: "/users/u/.autosd/config.json",
  });
  expect(show("timeoutSeconds")).toEqual({
    name: "timeoutSeconds",
    value: null,
    source: "default",
    from: null,
  });
});

test("no two options share a variable or a flag, and each default is a value that its type allows", () => {
  const variables = optionNames.map((name) => options[name].env as string);
  const flags = optionNames.map((name) => options[name].flag).filter((flag) => flag !== undefined);
  expect(new Set(variables).size).toBe(variables.length);
  expect(new Set(flags).size).toBe(flags.length);
  for (const variable of variables) expect(variable).toMatch(/^AUTOSD_[A-Z]+(_[A-Z]+)*$/);
  expect(() => resolve({})).not.toThrow();
});
