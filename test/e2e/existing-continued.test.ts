import { cp, mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PushResult } from "../../src/engine/push/push-branch.ts";
import { discount, ExistingWorld, nodeFiles, resultOf } from "../support/existing-world.ts";

const branch = "autosd/change";
const right = discount("total - (total * percent) / 100");

/** What a person is in the middle of: changed, staged and new files. */
async function dirty({ repository }: ExistingWorld): Promise<void> {
  await repository.write({ "src/cart.js": "export const total = () => 'half-finished';\n" });
  await repository.write({ "notes.txt": "mine\n", "src/staged.js": "// staged\n" });
  repository.git("add", "src/staged.js");
}

describe("what was built on a branch of somebody's repository", () => {
  let world: ExistingWorld;
  let before: ReadonlyMap<string, string>;

  beforeAll(async () => {
    world = await ExistingWorld.create(right, nodeFiles);
    await cp(world.repository.root, world.place.path("copy", "shop"), { recursive: true });
    await dirty(world);
    before = await world.repository.digests();
    const ran = await world.run(["--record", world.place.path("session.json")]);
    expect(ran.code, ran.stderr).toBe(0);
  });
  afterAll(() => world.dispose());

  it("is built again from its recording, in a copy and another home, to the same tree, asking nobody", async () => {
    const { place, repository, server } = world;
    const asked = server.ledger.entries.length;
    const copy = place.path("copy", "shop");
    const replayed = await place.autosd(
      [
        ...["run", "--project-dir", copy, "--requirements-file", place.path("change.md")],
        ...["--provider", "replay", "--replay-file", place.path("session.json"), "--json"],
      ],
      { env: { AUTOSD_HOME: place.path("other-home") } },
    );
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(resultOf(replayed)).toMatchObject({ outcome: "verified", branch: { name: branch } });
    expect(repository.git("-C", copy, "rev-parse", `${branch}^{tree}`)).toBe(
      repository.git("rev-parse", `${branch}^{tree}`),
    );
    expect(server.ledger.entries).toHaveLength(asked);
  });

  it("is pushed on a grant, that branch alone, whatever is checked out and changed", async () => {
    const { place, repository } = world;
    const remote = place.path("shop.git");
    repository.git("init", "-q", "--bare", remote);
    repository.git("remote", "add", "origin", remote);
    const changed = await repository.digests();
    const push = ["push", "--project", "shop", "--json"];
    const refused = await place.autosd(push);
    expect(refused.code).toBe(3);
    expect(repository.git("-C", remote, "for-each-ref")).toBe("");
    expect((await place.autosd(["preauth", "init-keys"])).code).toBe(0);
    const pushedOn = async () => {
      const made = await place.autosd([
        ...["preauth", "create-grant", "--project-ids", "shop", "--auto-push"],
        ...["--max-uses", "1", "--expires-in-hours", "1", "--json"],
      ]);
      const { id } = JSON.parse(made.stdout) as { readonly id: string };
      return place.autosd([...push, "--preauth-grant", id]);
    };
    // What the project has no check of cannot be green: who lets it out says what is enough.
    const strict = await pushedOn();
    expect(strict.code).toBe(3);
    expect(strict.stdout).toContain("missing: lint, types, of which nothing is recorded");
    const { remedy } = JSON.parse(strict.stdout) as { readonly remedy: string };
    expect(remedy).toMatch(/^autosd preauth create-grant .* --gates tests --gates secrets /);
    const made = await place.autosd([...remedy.split(" ").slice(1), "--json"]);
    const { id } = JSON.parse(made.stdout) as { readonly id: string };
    const pushed = await place.autosd([...push, "--preauth-grant", id]);
    expect(pushed.code, pushed.stdout).toBe(0);
    const commit = repository.git("rev-parse", branch);
    expect(JSON.parse(pushed.stdout) as PushResult).toMatchObject({ pushed: true, branch, commit });
    expect(repository.git("-C", remote, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      `refs/heads/${branch} ${commit}`,
    );
    expect(await repository.digests()).toEqual(changed);
  });

  it("leaves the person's work as it was", async () => {
    const now = await world.repository.digests();
    // The remote that the person added themselves.
    const without = (all: ReadonlyMap<string, string>) =>
      [...all].filter(([path]) => path !== ".git/config").sort();
    expect(without(now)).toEqual(without(before));
  });
});

it("a story that failed is built by the next sprint, on the same branch, without planning again", async () => {
  const world = await ExistingWorld.create(discount("total"), nodeFiles);
  try {
    const { repository, server } = world;
    const failed = await world.run();
    expect(failed.code, failed.stderr).toBe(4);
    expect(repository.git("branch", "--list", branch)).toBe("");
    await world.next(right);
    const asked = world.shown.length;
    const ran = await world.autosd(["sprint", "run", "--project", "shop", "--json"], {
      ...{ AUTOSD_PROVIDER: "openai", AUTOSD_MODEL: "scripted" },
      AUTOSD_BASE_URL: `${server.url}/v1`,
    });
    expect(ran.code, ran.stderr).toBe(0);
    expect(resultOf(ran)).toMatchObject({ outcome: "verified", branch: { name: branch } });
    expect(repository.git("rev-list", "--count", `main..${branch}`)).toBe("1");
    expect(world.shown.length - asked).toBe(3);
    expect(repository.git("status", "--porcelain")).toBe("");
  } finally {
    await world.dispose();
  }
});

it("a run that is killed again and again leaves a person's work alone, commits once and pays once", async () => {
  const world = await ExistingWorld.create(right, nodeFiles);
  try {
    const { place, repository } = world;
    await dirty(world);
    const before = await repository.digests();
    const commits = () => repository.git("rev-list", "--count", "--all", "--not", "main");
    await world.killAfter(1);
    await world.killAfter(4, ["runs", "resume", "--json"]);
    expect(commits()).toBe("0");

    const bin = place.path("bin");
    await mkdir(bin);
    const killedAfter = async (command: string) => {
      // The real git does what it is asked for; whoever asked does not live to hear of it.
      const git = `#!/bin/sh
PATH="\${PATH#*:}" git "$@"
code=$?
case " $* " in *" ${command} "*) kill -9 "$PPID" ;; esac
exit $code
`;
      await writeFile(`${bin}/git`, git, { mode: 0o755 });
      const life = await world.autosd(["runs", "resume", "--json"], {
        PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      });
      expect(life.signal, `${command}\n${life.stderr}`).toBe("SIGKILL");
      expect(await repository.digests()).toEqual(before);
    };
    await killedAfter("commit-tree");
    expect(repository.git("branch", "--list", branch)).toBe("");
    await killedAfter("update-ref");
    const commit = repository.git("rev-parse", branch);

    const ended = await world.autosd(["runs", "resume", "--json"]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(resultOf(ended)).toMatchObject({ outcome: "verified", branch: { name: branch } });
    expect(repository.git("rev-parse", branch)).toBe(commit);
    expect(commits()).toBe("1");
    expect(await repository.digests()).toEqual(before);
    const { paid } = world.server.ledger;
    expect(new Set(paid.map(({ request }) => request)).size).toBe(5);
    // Two answers were on their way when the run was killed.
    expect(paid.length).toBeLessThanOrEqual(7);
  } finally {
    await world.dispose();
  }
});
