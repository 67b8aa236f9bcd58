import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleModule } from "../../chaos/bundle.ts";
import { Place, repository } from "../../support/cli.ts";
import type { DoorOrders } from "../../support/door-worker.ts";

const workers = 8;
const attempts = 5;
const maxUses = 10;
const project = "sample";

interface Worker {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: () => readonly string[];
}

describe("one grant for ten actions, used by eight processes at once", () => {
  let place: Place;
  let program: string;

  beforeAll(async () => {
    place = await Place.create();
    program = await bundleModule(
      `${repository}/test/support/door-worker.ts`,
      place.path("door-worker.mjs"),
    );
    await mkdir(place.path("sample", ".autosd"), { recursive: true });
    const identity = {
      schema: "autosd/project@1",
      projectId: project,
      title: "Sample",
      createdAt: "2026-01-01T00:00:00.000Z",
    };
    await writeFile(place.path("sample", ".autosd", "project.json"), JSON.stringify(identity));
    // The store takes a folder that others may write for nobody's.
    await place.run("chmod", ["-R", "go-w", place.path("sample")]);
    await succeed(["preauth", "init-keys"]);
  });
  afterAll(() => place.dispose());

  async function succeed(args: readonly string[]): Promise<string> {
    const result = await place.autosd(args);
    expect(result.code, `${args.join(" ")}\n${result.stderr}`).toBe(0);
    return result.stdout;
  }

  async function createGrant(): Promise<string> {
    const rights = ["--project-ids", project, "--auto-push", "--max-uses", String(maxUses)];
    const made = await succeed([
      ...["preauth", "create-grant", ...rights, "--expires-in-hours", "1"],
      // The break-glass grant that waives every gate: there is no commit here to have any.
      ...["--break-glass", "--waive-gates", "lint,types,tests,secrets", "--json"],
    ]);
    return (JSON.parse(made) as { readonly id: string }).id;
  }

  function start(orders: DoorOrders): Worker {
    const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
      stdio: ["pipe", "pipe", "inherit"],
      timeout: 120_000,
    });
    let text = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (more: string) => (text += more));
    return { child, lines: () => text.split("\n").filter((line) => line !== "") };
  }

  /** Lets eight processes go at the same moment; returns what they said and what was done. */
  async function race(
    grant: string,
    dieOf: (worker: number) => DoorOrders["die"],
    attemptsEach = attempts,
  ): Promise<{ readonly said: readonly string[]; readonly ledger: readonly string[] }> {
    const ledger = place.path(`ledger-${grant}`);
    await appendFile(ledger, "");
    const all = Array.from({ length: workers }, (_, worker) =>
      start({
        ...{ home: place.home, project, directory: place.path("sample"), grant, ledger },
        ...{ worker, attempts: attemptsEach, die: dieOf(worker) },
      }),
    );
    await Promise.all(all.map(({ child }) => once(child.stdout, "data")));
    const ends = all.map(({ child }) => once(child, "close"));
    for (const { child } of all) child.stdin.write("go\n");
    await Promise.all(ends);
    const acts = (await readFile(ledger, "utf8")).split("\n").filter((line) => line !== "");
    return { said: all.flatMap(({ lines }) => lines()), ledger: acts };
  }

  async function entriesOf(
    kind: string,
    grant: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const shown = await succeed(["audit", "show", "--kind", kind, "--json"]);
    const { entries } = JSON.parse(shown) as {
      readonly entries: readonly Readonly<Record<string, unknown>>[];
    };
    return entries.filter((entry) => JSON.stringify(entry).includes(grant));
  }

  interface Shown {
    readonly usage: { readonly uses: number };
    readonly openReservations: readonly { readonly seq: number; readonly action: string }[];
  }

  async function shown(grant: string): Promise<Shown> {
    return JSON.parse(await succeed(["preauth", "show", grant, "--json"])) as Shown;
  }

  it("acts ten times in all, and records each act and each refusal", async () => {
    const grant = await createGrant();
    const { said, ledger } = await race(grant, () => null);
    expect(new Set(ledger).size).toBe(maxUses);
    expect(ledger).toHaveLength(maxUses);
    const denied = said.filter((line) => line.startsWith("DENIED"));
    expect(new Set(denied)).toEqual(new Set(["DENIED AUTOSD-PREAUTH-INVALID budget_uses"]));
    expect(denied).toHaveLength(workers * attempts - maxUses);
    expect(await entriesOf("reserve", grant)).toHaveLength(maxUses);
    expect(await entriesOf("settle", grant)).toHaveLength(maxUses);
    expect(await entriesOf("deny", grant)).toHaveLength(denied.length);
    await succeed(["audit", "verify"]);
  });

  it("never acts more often when processes are killed before or after they acted", async () => {
    const grant = await createGrant();
    // Half of them die: some with leave and no act, some with an act that nobody settled. Those that
    // live try eight times in all: whoever gets the lock how often, two of the ten are left to the dying.
    const { said, ledger } = await race(
      grant,
      (worker) =>
        worker % 2 === 0 ? { at: 1, when: worker % 4 === 0 ? "before" : "after" } : null,
      2,
    );
    const reserved = await entriesOf("reserve", grant);
    const settled = await entriesOf("settle", grant);
    expect(reserved).toHaveLength(maxUses);
    expect(new Set(ledger).size).toBe(ledger.length);
    expect(ledger.length).toBeGreaterThanOrEqual(settled.length);
    expect(ledger.length).toBeLessThanOrEqual(maxUses);
    expect(said.filter((line) => line.startsWith("ACTED"))).toHaveLength(settled.length);

    // What nobody settled stays spent, and is there to see.
    const open = reserved
      .map(({ seq }) => seq)
      .filter((seq) => !settled.some(({ ref }) => ref === seq));
    expect(open.length).toBeGreaterThan(0);
    const before = await shown(grant);
    expect(before.usage.uses).toBe(maxUses);
    expect(before.openReservations.map(({ seq }) => seq)).toEqual(open);
    expect(await succeed(["preauth", "show", grant])).toContain(`entry ${String(open[0])}`);

    // An operator gives one back: it can be used once, not twice.
    await succeed(["preauth", "release", String(open[0]), "--force"]);
    expect(await shown(grant)).toMatchObject({
      usage: { uses: maxUses - 1 },
      openReservations: before.openReservations.slice(1),
    });
    const again = await race(grant, () => null);
    expect(again.said.filter((line) => line.startsWith("ACTED"))).toHaveLength(1);
    expect((await shown(grant)).usage.uses).toBe(maxUses);
    await succeed(["audit", "verify"]);
  });
});
