import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PushResult } from "../../src/engine/push/push-branch.ts";
import { type CliResult, Place, program } from "../support/cli.ts";
import { createPushableProject, type PushableProject } from "../support/pushable-project.ts";

const gates = ["lint", "types", "tests", "secrets"] as const;
const project = "notes";
const policyRefusing = JSON.stringify({
  schema: "autosd/policy@1",
  rules: [{ unprotectedKeys: "refuse" }],
});

interface Failure {
  readonly code: string;
  readonly exitCode: number;
  readonly remedy: string;
  readonly details: {
    readonly reason?: string;
    readonly failures?: readonly { readonly reason: string }[];
  };
}

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly code?: string;
  readonly ref?: number;
  readonly result?: { readonly ok: boolean };
}

describe("autosd push", () => {
  let place: Place;
  let notes: PushableProject;
  let path = "";

  beforeAll(async () => {
    place = await Place.create();
    notes = await createPushableProject(place, project);
    await ok(["preauth", "init-keys"]);
    await mkdir(place.path("bin"));
    const launcher = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;
    await writeFile(place.path("bin", "autosd"), launcher, { mode: 0o755 });
    path = `${place.path("bin")}:${process.env["PATH"] ?? ""}`;
    await notes.hook("post-receive", `cat >> '${place.path("moves")}'`);
  });
  afterAll(() => place.dispose());

  async function ok(args: readonly string[], of: Place = place): Promise<string> {
    const result = await of.autosd(args);
    expect(result.code, `${args.join(" ")}\n${result.stderr}`).toBe(0);
    return result.stdout;
  }

  async function grantFor(...more: readonly string[]): Promise<string> {
    const life = more.includes("--expires-in-hours") ? [] : ["--expires-in-hours", "1"];
    const scope = more.includes("--project-ids") ? [] : ["--project-ids", project];
    const made = await ok(["preauth", "create-grant", ...scope, ...life, ...more, "--json"]);
    return (JSON.parse(made) as { readonly id: string }).id;
  }

  const pushArgs = (grant: string | undefined): readonly string[] => [
    ...["push", "--project", project, "--json"],
    ...(grant === undefined ? [] : ["--preauth-grant", grant]),
  ];

  async function pushed(grant: string | undefined): Promise<PushResult> {
    return JSON.parse(await ok(pushArgs(grant))) as PushResult;
  }

  async function refused(grant: string | undefined): Promise<Failure> {
    const result = await place.autosd(pushArgs(grant));
    expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(3);
    return JSON.parse(result.stdout) as Failure;
  }

  async function commitProven(text: string): Promise<string> {
    const commit = await notes.commit(text);
    await notes.proveGates(commit, gates);
    return commit;
  }

  async function entries(...filter: readonly string[]): Promise<readonly Entry[]> {
    const shown = await ok(["audit", "show", ...filter, "--json"]);
    return (JSON.parse(shown) as { readonly entries: readonly Entry[] }).entries;
  }

  /** What was reserved, settled and released since, oldest first. */
  async function lifeAfter(seq: number): Promise<readonly string[]> {
    const acts = await entries("--project", project);
    return acts
      .filter((entry) => entry.seq > seq && /^(reserve|settle|release)$/.test(entry.kind))
      .map(({ kind, result }) => (result?.ok === false ? `${kind} failed` : kind));
  }

  async function newestSeq(): Promise<number> {
    return (await entries("--last", "1"))[0]?.seq ?? -1;
  }

  async function usesOf(grant: string): Promise<number> {
    const shown = await ok(["preauth", "show", grant, "--json"]);
    return (JSON.parse(shown) as { readonly usage: { readonly uses: number } }).usage.uses;
  }

  async function moves(): Promise<number> {
    const text = await readFile(place.path("moves"), "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "").length;
  }

  /** As somebody copies it out of the message into a shell. */
  function shell(line: string): Promise<CliResult> {
    return place.run("sh", ["-c", line], { env: { PATH: path } });
  }

  describe("without leave", () => {
    beforeAll(() => commitProven("first"));

    it("says which grant is missing and how to make the least one, which then works", async () => {
      const plain = await place.autosd(["push", "--project", project]);
      expect(plain.code).toBe(3);
      expect(plain.stderr).toContain("AUTOSD-PREAUTH-REQUIRED");
      const failure = await refused(undefined);
      expect(failure).toMatchObject({ code: "AUTOSD-PREAUTH-REQUIRED", exitCode: 3 });
      expect(plain.stderr).toContain(failure.remedy);
      expect(await notes.remoteHead()).toBeUndefined();

      const fixed = await shell(failure.remedy);
      expect(fixed.code, fixed.stderr).toBe(0);
      const grant = fixed.stdout.split("\n")[0] ?? "";
      const before = await newestSeq();
      const result = await pushed(grant);
      expect(result).toMatchObject({ pushed: true, before: null, branch: "main" });
      expect(await notes.remoteHead()).toBe(result.commit);
      expect(await lifeAfter(before)).toEqual(["reserve", "settle"]);

      // Nothing is left of a grant for one action, and nothing is to be done: nothing is asked.
      expect(await pushed(grant)).toMatchObject({ pushed: false });
      expect(await lifeAfter(before)).toEqual(["reserve", "settle"]);
      expect(await moves()).toBe(1);
      await commitProven("after the first");
      expect(await refused(grant)).toMatchObject({ details: { reason: "budget_uses" } });
    });

    it.each([
      { name: "of another project", flags: ["--project-ids", "other", "--auto-push"] },
      { name: "that does not allow pushing", flags: ["--auto-deploy-dev"] },
      { name: "for another commit", flags: ["--auto-push", "--bind-commit", "0".repeat(40)] },
      { name: "that asks for a gate nobody passed", flags: ["--auto-push", "--gates", "e2e"] },
      { name: "for another agent", flags: ["--auto-push", "--agent", "somebody"] },
      { name: "that too few have signed", flags: ["--auto-push", "--quorum", "2"] },
    ])("refuses a grant $name", async ({ name, flags }) => {
      const reasons: Readonly<Record<string, string>> = {
        "of another project": "scope_project",
        "that does not allow pushing": "scope_action",
        "for another commit": "bind_mismatch",
        "that asks for a gate nobody passed": "gate_missing",
        "for another agent": "subject",
        "that too few have signed": "quorum_short",
      };
      const failure = await refused(await grantFor(...flags));
      expect(failure).toMatchObject({ code: "AUTOSD-PREAUTH-INVALID", exitCode: 3 });
      expect(failure.details.reason).toBe(reasons[name]);
    });

    it("refuses grants that do not exist, whatever they are called", async () => {
      expect(await refused("grt_01ARZ3NDEKTSV4RRFFQ69G5FAV")).toMatchObject({
        details: { reason: "not_found" },
      });
      expect(await refused("../../../etc/passwd")).toMatchObject({
        details: { reason: "malformed" },
      });
    });

    it("refuses a grant that is over", async () => {
      const grant = await grantFor("--auto-push", "--expires-in-hours", "0.0003");
      // Until the clock has passed it: 1.08 s.
      await expect
        .poll(() => ok(["preauth", "list", "--active-only"]), { timeout: 240_000, interval: 100 })
        .not.toContain(grant);
      expect(await refused(grant)).toMatchObject({ details: { reason: "expired" } });
    });

    it("refuses a revoked grant, also when somebody takes the revocation's file away", async () => {
      const grant = await grantFor("--auto-push");
      await ok(["preauth", "revoke", grant, "--reason", "wrong project"]);
      expect(await refused(grant)).toMatchObject({ details: { reason: "revoked" } });
      await rm(place.path("home", "preauth", "revocations", `${grant}.json`));
      expect(await refused(grant)).toMatchObject({ details: { reason: "revoked" } });
    });

    it("refuses while the project is halted, and says how it goes on", async () => {
      const grant = await grantFor("--auto-push");
      await ok(["halt", "--project", project, "--reason", "looking into it"]);
      const failure = await refused(grant);
      expect(failure).toMatchObject({ code: "AUTOSD-HALTED", exitCode: 3 });
      expect(failure.remedy).toBe(`autosd resume --project ${project}`);
      const lifted = await shell(failure.remedy);
      expect(lifted.code, lifted.stderr).toBe(0);
      expect(await usesOf(grant)).toBe(0);
    });

    it("refuses what the policy does not allow, or when the policy cannot be read", async () => {
      const grant = await grantFor("--auto-push");
      const policy = `${notes.directory}/.autosd/policy.json`;
      try {
        await writeFile(policy, policyRefusing);
        await chmod(policy, 0o644);
        const failure = await refused(grant);
        expect(failure).toMatchObject({ code: "AUTOSD-POLICY-DENIED", exitCode: 3 });
        const explained = await shell(failure.remedy);
        expect(`${explained.stdout}${explained.stderr}`).toContain("unprotected");
        await writeFile(policy, "{");
        expect(await refused(grant)).toMatchObject({ code: "AUTOSD-POLICY-ERROR" });
      } finally {
        await rm(policy);
      }
      expect(await usesOf(grant)).toBe(0);
    });

    it("has every refusal on record, and nothing reached the remote", async () => {
      const denials = await entries("--project", project, "--kind", "deny");
      expect(denials.length).toBeGreaterThanOrEqual(14);
      expect(await moves()).toBe(1);
      await ok(["audit", "verify"]);
    });

    it("does not make a break-glass grant for more than two hours", async () => {
      const flags = ["--project-ids", project, "--auto-push", "--break-glass"];
      const made = await place.autosd([
        ...["preauth", "create-grant", ...flags, "--expires-in-hours", "3"],
      ]);
      expect(made.code).toBe(2);
      expect(made.stderr).toContain("AUTOSD-PREAUTH-INPUT");
    });
  });

  describe("on a delegated grant", () => {
    it("charges the grant that it was delegated from", async () => {
      const parent = await grantFor(
        ...["--auto-push", "--max-uses", "3", "--depth", "1", "--new-key", place.path("agent.key")],
      );
      const made = await ok([
        ...["preauth", "delegate", parent, "--key", place.path("agent.key")],
        ...["--max-uses", "1", "--json"],
      ]);
      const { id: child } = JSON.parse(made) as { readonly id: string };
      await commitProven("delegated");
      expect(await pushed(child)).toMatchObject({ pushed: true });
      expect([await usesOf(child), await usesOf(parent)]).toEqual([1, 1]);
      await commitProven("delegated again");
      expect(await refused(child)).toMatchObject({ details: { reason: "budget_uses" } });
      expect(await pushed(parent)).toMatchObject({ pushed: true });
      expect([await usesOf(child), await usesOf(parent)]).toEqual([1, 2]);
    });

    it("is refused once the grant that it came from is revoked", async () => {
      const key = place.path("second.key");
      const parent = await grantFor("--auto-push", "--depth", "1", "--new-key", key);
      const made = await ok(["preauth", "delegate", parent, "--key", key, "--json"]);
      const { id: child } = JSON.parse(made) as { readonly id: string };
      await ok(["preauth", "revoke", parent]);
      await commitProven("revoked parent");
      expect(await refused(child)).toMatchObject({ details: { reason: "revoked" } });
    });
  });

  describe("on a grant that two operators must sign", () => {
    let elsewhere: Place;
    beforeAll(async () => {
      elsewhere = await Place.create();
    });
    afterAll(() => elsewhere.dispose());

    it("works when the second has signed on another machine", async () => {
      const grant = await grantFor("--auto-push", "--quorum", "2");
      const kidOf = async (args: readonly string[], of: Place): Promise<string> =>
        (JSON.parse(await ok(args, of)) as { readonly kid: string }).kid;
      const second = await kidOf(
        ["preauth", "init-keys", "--operator", "second", "--json"],
        elsewhere,
      );
      const { keys } = JSON.parse(await ok(["preauth", "trust", "list", "--json"])) as {
        readonly keys: readonly { readonly kid: string; readonly operator: string }[];
      };
      const first = keys.find(({ operator }) => operator === "owner")?.kid ?? "";
      // Public keys and the grant's file travel by any means.
      const publicKey = (of: Place, kid: string) =>
        of.path("home", "preauth", "trust", `${kid}.jwk`);
      await ok(
        ["preauth", "trust", "add", publicKey(place, first), "--operator", "owner"],
        elsewhere,
      );
      await ok(["preauth", "trust", "add", publicKey(elsewhere, second), "--operator", "second"]);
      const file = elsewhere.path("grant.json");
      await copyFile(place.path("home", "preauth", "grants", `${grant}.json`), file);

      await commitProven("two operators");
      expect(await refused(grant)).toMatchObject({ details: { reason: "quorum_short" } });
      await ok(["preauth", "approve", file, "--signer", second], elsewhere);
      await ok(["preauth", "approve", file, "--import"]);
      expect(await pushed(grant)).toMatchObject({ pushed: true });
    });
  });

  describe("killed", () => {
    /** A hook that says when it is reached and then waits for what it shall end with. */
    async function gate(name: "pre-receive" | "post-receive"): Promise<Gate> {
      const [reached, go] = [place.path(`${name}-reached`), place.path(`${name}-go`)];
      execFileSync("mkfifo", [go]);
      const usual = name === "post-receive" ? `cat >> '${place.path("moves")}'` : "cat > /dev/null";
      await notes.hook(name, `${usual}\ntouch '${reached}'\nread code < '${go}'\nexit $code`);
      return {
        reached: (child) =>
          expect
            .poll(() => child.exitCode !== null || existsSync(reached), { timeout: 240_000 })
            .toBe(true),
        end: async (code) => {
          expect(existsSync(reached)).toBe(true);
          await writeFile(go, `${code}\n`);
          await notes.hook(name, usual);
          await Promise.all([rm(reached), rm(go)]);
        },
      };
    }

    interface Gate {
      /** Resolves too when the push ended without it. */
      readonly reached: (child: ChildProcess) => Promise<void>;
      /** Lets the hook go with this exit code; from then on it does what it did before. */
      readonly end: (code: number) => Promise<void>;
    }

    async function kill(child: ChildProcess): Promise<void> {
      expect(child.exitCode).toBeNull();
      const end = once(child, "exit");
      child.kill("SIGKILL");
      await end;
    }

    it("before the remote moved: the same command pushes once, on a second use", async () => {
      const grant = await grantFor("--auto-push", "--max-uses", "2");
      const commit = await commitProven("killed before");
      const [before, movesBefore] = [await newestSeq(), await moves()];
      const hook = await gate("pre-receive");
      const child = place.start(pushArgs(grant));
      await hook.reached(child);
      await kill(child);
      await hook.end(1);
      expect(await notes.remoteHead()).not.toBe(commit);
      expect(await lifeAfter(before)).toEqual(["reserve"]);
      expect(await usesOf(grant)).toBe(1);

      expect(await pushed(grant)).toMatchObject({ commit, pushed: true });
      expect(await notes.remoteHead()).toBe(commit);
      expect(await moves()).toBe(movesBefore + 1);
      expect(await lifeAfter(before)).toEqual(["reserve", "settle failed", "reserve", "settle"]);
      expect(await usesOf(grant)).toBe(2);
      await ok(["audit", "verify"]);
    });

    it("before the remote moved, with one use: refused until an operator gives it back", async () => {
      const grant = await grantFor("--auto-push", "--max-uses", "1");
      const commit = await commitProven("killed before, once");
      const before = await newestSeq();
      const hook = await gate("pre-receive");
      const child = place.start(pushArgs(grant));
      await hook.reached(child);
      await kill(child);
      await hook.end(1);
      const [reserve] = await entries("--kind", "reserve", "--last", "1");
      await ok(["preauth", "release", String(reserve?.seq), "--force"]);
      expect(await usesOf(grant)).toBe(0);
      expect(await pushed(grant)).toMatchObject({ commit, pushed: true });
      expect(await lifeAfter(before)).toEqual(["reserve", "release", "reserve", "settle"]);
      expect(await usesOf(grant)).toBe(1);
    });

    it("after the remote moved: the same command finds it done, and pushes nothing", async () => {
      const grant = await grantFor("--auto-push", "--max-uses", "1");
      const commit = await commitProven("killed after");
      const [before, movesBefore] = [await newestSeq(), await moves()];
      const hook = await gate("post-receive");
      const child = place.start(pushArgs(grant));
      await hook.reached(child);
      await kill(child);
      await hook.end(0);
      expect(await notes.remoteHead()).toBe(commit);
      expect(await lifeAfter(before)).toEqual(["reserve"]);

      expect(await pushed(grant)).toMatchObject({ commit, pushed: true });
      expect(await moves()).toBe(movesBefore + 1);
      expect(await lifeAfter(before)).toEqual(["reserve", "settle"]);
      expect(await usesOf(grant)).toBe(1);
      await ok(["audit", "verify"]);
    });
  });
});
