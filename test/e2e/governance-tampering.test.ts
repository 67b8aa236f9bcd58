import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EntryDraft, entrySchema } from "../../src/governance/audit/entry.ts";
import { planLines } from "../../src/governance/audit/plan-lines.ts";
import { sha256 } from "../../src/kernel/hash.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { createPushableProject, type PushableProject } from "../support/pushable-project.ts";

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly project?: string;
  readonly ref?: number;
  readonly reason?: string;
  readonly actor: { readonly id: string };
}
interface Verification {
  readonly failures: readonly { readonly part: string; readonly seq?: number }[];
  readonly established: readonly string[];
  readonly notEstablished: readonly string[];
}

const project = "notes";
const text = "# Notes\n\nA note has a title (required).\n\nPeople can add notes and list notes.";

// One home, whose owner, or a program of the owner's, changes what autosd wrote.
describe("what somebody changes behind autosd's back", () => {
  let place: Place;
  let notes: PushableProject;
  let log = "";
  beforeAll(async () => {
    place = await Place.create();
    notes = await createPushableProject(place, project);
    log = join(place.home, "audit.log.jsonl");
    await autosd(["preauth", "init-keys"]);
  });
  afterAll(() => place.dispose());

  async function autosd(
    args: readonly string[],
    code = 0,
    env: Readonly<Record<string, string>> = {},
  ): Promise<CliResult> {
    const result = await place.autosd(args, { env });
    expect(result.code, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(code);
    return result;
  }

  async function entries(kind: string): Promise<readonly Entry[]> {
    const { stdout } = await autosd(["audit", "show", "--kind", kind, "--json"]);
    return (JSON.parse(stdout) as { readonly entries: readonly Entry[] }).entries;
  }

  async function verification(code: number): Promise<Verification> {
    const { stdout } = await autosd(["audit", "verify", "--json"], code);
    return JSON.parse(stdout) as Verification;
  }

  async function grantForPush(): Promise<string> {
    const line = `preauth create-grant --project-ids ${project} --auto-push --expires-in-hours 1`;
    const { stdout } = await autosd([...line.split(" "), "--json"]);
    return (JSON.parse(stdout) as { readonly id: string }).id;
  }

  const lines = async () => (await readFile(log, "utf8")).trimEnd().split("\n");

  /** Appends an entry that continues the log in every respect, as whoever owns the file can. */
  async function forge(draft: Omit<EntryDraft, "actor">): Promise<number> {
    const all = await lines();
    const last = all.at(-1) ?? "";
    const { ts } = JSON.parse(last) as { readonly ts: string };
    const end = { size: all.length, head: sha256(last), lastTimeMs: Date.parse(ts) };
    const actor = { type: "operator", id: "owner" } as const;
    const [planned] = planLines([{ ...draft, actor }], end, Date.parse(ts));
    await appendFile(log, Buffer.concat([planned?.line ?? Buffer.alloc(0), Buffer.from("\n")]));
    return all.length;
  }

  /** Puts the log back as it was when the work is done. */
  async function restoring(work: () => Promise<void>): Promise<void> {
    const before = await readFile(log);
    await work();
    await writeFile(log, before);
  }

  it("explaining an action in a project that has commits leaves no trace of it", async () => {
    const commit = await notes.commit("begun");
    const home = { AUTOSD_HOME: place.path("untouched") };
    const dir = ["--project-dir", notes.directory];
    const { stdout } = await autosd(["policy", "explain", "--action", "push", ...dir], 3, home);
    expect(stdout).toContain(`this is about ${commit}`);
    await expect(readdir(home.AUTOSD_HOME)).rejects.toMatchObject({ code: "ENOENT" });
  });

  const explain = (grant: string) =>
    `policy explain --project ${project} --action push --preauth-grant ${grant} --json`.split(" ");

  it("a revoked grant stays revoked when its file goes and an entry takes it back", async () => {
    const grant = await grantForPush();
    await autosd(["preauth", "revoke", grant]);
    await rm(join(place.home, "preauth", "revocations", `${grant}.json`));
    await restoring(async () => {
      const seq = await forge({
        kind: "grant.reinstate",
        grant: { jti: grant, chain: [grant], kids: [] },
      });
      expect((await autosd(explain(grant), 3)).stdout).toContain('"revoked"');
      const { failures } = await verification(6);
      expect(failures).toMatchObject([{ part: "statement", seq }]);
    });
    await autosd(["preauth", "reinstate", grant]);
    expect((await autosd(explain(grant), 3)).stdout).not.toContain('"revoked"');
  });

  it("a forged entry that nobody had to sign is named as not established", async () => {
    await restoring(async () => {
      await forge({ kind: "evidence", project, commit: "c".repeat(40), gates: [] });
      const { notEstablished } = await verification(0);
      expect(notEstablished).toContain("The last 1 entries are not signed yet.");
    });
    expect((await verification(0)).notEstablished.join()).not.toContain("not signed");
  });

  it("a policy that is taken away leaves an entry at the next decision", async () => {
    const file = join(notes.directory, ".autosd", "policy.json");
    const push = ["push", "--project", project];
    await notes.commit("first");
    await writeFile(file, '{"schema":"autosd/policy@1","rules":[{"quorum":2}]}', { mode: 0o644 });
    await autosd(push, 3);
    await rm(file);
    await autosd(push, 3);
    await autosd(push, 3);
    const [weakened, ...others] = await entries("config.weakened");
    expect(others).toEqual([]);
    const reason = "the policy is weaker than the one of entry ";
    expect(weakened).toMatchObject({ project, reason: `${reason}${weakened?.ref}: quorum` });
  });

  it("a recorded decision that is changed does not survive its replay", async () => {
    const grant = await grantForPush();
    const commit = await notes.commit("second");
    await notes.proveGates(commit, ["lint", "types", "tests", "secrets"]);
    // Refused by policy: only then the decision of policy is recorded with its facts.
    const file = join(notes.directory, ".autosd", "policy.json");
    await writeFile(file, '{"schema":"autosd/policy@1","rules":[{"unprotectedKeys":"refuse"}]}', {
      mode: 0o644,
    });
    await autosd(["push", "--project", project, "--preauth-grant", grant], 3);
    await rm(file);
    const denied = (await entries("deny")).at(-1);
    const replay = ["policy", "replay", String(denied?.seq)];
    expect((await autosd(replay)).stdout).toContain("decided the same again");
    const before = await lines();
    const recorded = before[denied?.seq ?? 0] ?? "";
    await restoring(async () => {
      // Changed in its place: the log is not the one that was signed.
      const changed = recorded.replace('"decision":"deny"', '"decision":"allow"');
      await writeFile(log, `${before.with(denied?.seq ?? 0, changed).join("\n")}\n`);
      expect((await autosd(replay, 6)).stderr).toContain("AUTOSD-AUDIT-TAMPERED");
    });
    await restoring(async () => {
      // Appended as if it had been allowed: the log is whole, the decision is not what policy says.
      const { kind, policy, details } = entrySchema.parse(JSON.parse(recorded));
      const seq = await forge({ kind, project, policy, details, decision: "allow" });
      const { stdout } = await autosd(["policy", "replay", String(seq), "--json"], 6);
      expect(JSON.parse(stdout)).toMatchObject({
        same: false,
        recorded: { decision: "allow", code: null },
        now: { decision: "deny", code: "AUTOSD-POLICY-DENIED" },
      });
    });
  });

  it("a halt whose file is taken away stops work, until an operator lifts it", async () => {
    await autosd(["halt", "--project", project]);
    const [name = ""] = await readdir(join(place.home, "halts"));
    await rm(join(place.home, "halts", name));
    await mkdir(place.path("other"));
    const run = ["run", "--requirements-text", text, "--execution-mode", "planning"];
    for (const args of [
      ["sprint", "plan", "--project", notes.directory],
      [...run, "--output-dir", notes.directory],
      [...run, "--output-dir", place.path("new"), "--project-id", project],
    ]) {
      const { stderr } = await autosd(args, 3);
      expect(stderr).toMatch(/is halted by \S+ \(entry \d+ of the audit log/);
      expect(stderr).toContain(`autosd resume --project ${project}`);
    }
    await autosd(["resume", "--project", project]);
    expect(
      (await place.autosd(["sprint", "plan", "--project", notes.directory])).stderr,
    ).not.toContain("AUTOSD-HALTED");
  });

  it("work without a sandbox and the end of a project are in the log", async () => {
    const run = ["run", "--requirements-text", text, "--execution-mode", "planning"];
    const before = (await entries("config.weakened")).length;
    await autosd([...run, "--output-dir", place.path("unsafe")], 0, { AUTOSD_SANDBOX: "none" });
    expect((await entries("config.weakened")).slice(before)).toMatchObject([
      { reason: "generated code runs without a sandbox" },
    ]);
    await autosd(["projects", "retire", project, "--force"]);
    const [retired] = await entries("retire");
    expect(retired).toMatchObject({ project });
    expect(retired?.actor.id).not.toBe("");
    await verification(0);
  });
});
