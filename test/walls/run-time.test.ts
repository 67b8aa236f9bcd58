import { describe, expect, it } from "vitest";
import { VerifiedCommit, VerifiedTree } from "../../src/delivery/verification/verified-commit.ts";
import type { VerificationReport } from "../../src/delivery/verification/verification.port.ts";
import { Authorization } from "../../src/governance/policy/authorization.ts";

/** Whoever silences the compiler and the linter still meets these. */

const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

function report(): VerificationReport {
  const evidence = (["install", "tests", "secrets"] as const).map((gate) => ({
    gate,
    verdict: "green" as const,
    command: [],
    exitCode: 0,
    durationMs: 1,
    tree,
    outputDigest: "sha256:0",
    finding: "fine",
  }));
  return {
    schema: "autosd/verification-report@1",
    projectId: "p",
    tree,
    baseTree: tree,
    storyId: undefined,
    evidence,
    testsRun: 3,
    durationMs: 3,
  };
}

function genuineTree(): VerifiedTree {
  const judged = VerifiedTree.judge(report());
  if (judged.kind !== "verified") throw new Error(judged.reason);
  return judged.tree;
}

const action = { kind: "workspace.commit", project: "p", runId: "r", key: "k" } as const;
const expected = { kind: "workspace.commit", key: "k" } as const;

const prototypeOf = (genuine: object): object => Object.getPrototypeOf(genuine) as object;

/** What can be made of a genuine value without its mint. */
const copies: readonly (readonly [string, (genuine: object) => unknown])[] = [
  ["a structural copy", (genuine) => ({ ...genuine })],
  ["a structured clone", (genuine) => structuredClone({ ...genuine })],
  ["an object with its prototype", (genuine) => Object.create(prototypeOf(genuine)) as unknown],
  ["an object that inherits from it", (genuine) => Object.create(genuine) as unknown],
  [
    "a copy with its prototype",
    (genuine) => Object.setPrototypeOf({ ...genuine }, prototypeOf(genuine)) as unknown,
  ],
  ["a proxy of it", (genuine) => new Proxy(genuine, {})],
  ["nothing", () => null],
  ["text", () => "genuine"],
];

describe("a value that its mint did not make", () => {
  it.each(copies)("is no verified tree: %s", (_, copy) => {
    expect(VerifiedTree.isGenuine(genuineTree())).toBe(true);
    expect(VerifiedTree.isGenuine(copy(genuineTree()))).toBe(false);
  });

  it.each(copies)("is no verified commit, nor the source of one: %s", (_, copy) => {
    const genuine = VerifiedCommit.mint(genuineTree(), { commit: "c", tree });
    expect(VerifiedCommit.isGenuine(genuine)).toBe(true);
    expect(VerifiedCommit.isGenuine(copy(genuine))).toBe(false);
    expect(() =>
      VerifiedCommit.mint(copy(genuineTree()) as VerifiedTree, { commit: "c", tree }),
    ).toThrow(TypeError);
  });

  it.each(copies)("authorizes nothing: %s", (_, copy) => {
    expect(Authorization.spend(Authorization.forLocalAction(action), expected)).toBeUndefined();
    expect(Authorization.spend(copy(Authorization.forLocalAction(action)), expected)).toBe(
      "forged",
    );
  });
});

describe("a value that its mint made", () => {
  it("cannot be changed afterwards", () => {
    const genuine = genuineTree();
    expect(() => Object.assign(genuine, { tree: "other" })).toThrow(TypeError);
    expect(() => Object.assign(Authorization.forLocalAction(action), { action: {} })).toThrow();
  });

  it("is spent once and for one action", () => {
    const authorization = Authorization.forLocalAction(action);
    expect(Authorization.spend(authorization, { ...expected, key: "other" })).toBe("other-action");
    expect(Authorization.spend(authorization, expected)).toBeUndefined();
    expect(Authorization.spend(authorization, expected)).toBe("used");
  });

  it("does not stand for another tree", () => {
    expect(() => VerifiedCommit.mint(genuineTree(), { commit: "c", tree: "other" })).toThrow();
  });
});
