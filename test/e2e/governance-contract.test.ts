import { appendFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, Place } from "../support/cli.ts";

const project = ["--project", "my-project"] as const;
const grantId = /grt_[0-9A-HJKMNP-TV-Z]{26}/;

/** Every file and folder with its times and size: equal lists mean that nothing was written. */
async function everything(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    ["", ...names.sort()].map(async (name) => {
      const { mode, size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true });
      return [name, mode, size, mtimeNs, ctimeNs].join(" ");
    }),
  );
}

// One home, as an operator would go on in it; nothing of it has a terminal.
describe("the commands that operators know, in a fresh home without a terminal", () => {
  let place: Place;
  const grants: Record<string, string> = {};
  beforeAll(async () => {
    place = await Place.create();
  });
  afterAll(() => place.dispose());

  async function autosd(line: string, code = 0): Promise<CliResult> {
    const result = await place.autosd(line.split(" "));
    expect(result.code, `${line}\n${result.stdout}${result.stderr}`).toBe(code);
    return result;
  }

  async function create(name: string, options: string): Promise<void> {
    const { stdout } = await autosd(`preauth create-grant --project-ids my-project ${options}`);
    grants[name] = grantId.exec(stdout)?.[0] ?? "";
    expect(grants[name]).toMatch(grantId);
  }

  it("preauth init-keys makes a key, and says that it is unprotected", async () => {
    const { stdout, stderr } = await autosd("preauth init-keys");
    expect(stdout + stderr).toContain("unprotected");
  });

  it("preauth create-grant makes grants of each form", async () => {
    await create("staging", "--auto-deploy-dev --auto-deploy-staging --expires-in-hours 24");
    await create("prod", "--auto-deploy-prod --no-auto-rollback --auto-heal --expires-in-hours 1");
    await create("push", "--auto-push --auto-merge-pr --no-auto-heal --expires-in-hours 8");
    await create(
      "emergency",
      "--auto-deploy-prod --auto-rollback --break-glass --expires-in-hours 2",
    );
  });

  it("a break-glass grant of more than two hours is refused", async () => {
    const line = "preauth create-grant --project-ids my-project --auto-deploy-prod --break-glass";
    expect((await autosd(`${line} --expires-in-hours 3`, 2)).stderr).toContain("2 hours");
  });

  it("preauth list --active-only leaves out what preauth revoke took back", async () => {
    const { push = "", staging = "" } = grants;
    expect((await autosd("preauth list --active-only")).stdout).toContain(push);
    await autosd(`preauth revoke ${push}`);
    const active = (await autosd("preauth list --active-only")).stdout;
    expect(active).not.toContain(push);
    expect(active).toContain(staging);
    expect((await autosd("preauth list")).stdout).toContain(push);
  });

  it("halt needs nothing, and resume only the operator's key", async () => {
    await autosd(`halt ${project.join(" ")}`);
    expect((await autosd(`resume ${project.join(" ")}`)).stdout).toContain("lifted");
    expect((await autosd(`resume ${project.join(" ")}`)).stdout).toContain("was not halted");
    const { established } = JSON.parse((await autosd("audit verify --json")).stdout) as {
      readonly established: readonly string[];
    };
    expect(established.join(" ")).toContain("Each of 1 statements of operators");
  });

  it("a halt stays in the log when its file is taken away", async () => {
    await autosd(`halt ${project.join(" ")}`);
    const [name = ""] = await readdir(join(place.home, "halts"));
    await place.run("rm", [join(place.home, "halts", name)]);
    const line = `policy explain --action push --preauth-grant ${grants["staging"] ?? ""}`;
    expect((await autosd(`${line} ${project.join(" ")}`, 3)).stdout).toContain("AUTOSD-HALTED");
    await autosd(`resume ${project.join(" ")}`);
    expect((await autosd(`${line} ${project.join(" ")}`, 3)).stdout).not.toContain("AUTOSD-HALTED");
  });

  it("policy show tells the policy and the grant, and writes nothing at all", async () => {
    const { prod = "" } = grants;
    const before = await everything(place.home);
    const shown = await autosd(`policy show ${project.join(" ")}`);
    expect(shown.stdout).toContain("quorum");
    const ofGrant = await autosd(`policy show --preauth-grant ${prod} --env prod`);
    expect(ofGrant.stdout).toContain(prod);
    expect(await everything(place.home)).toEqual(before);
  });

  it("a staging grant does not deploy prod", async () => {
    const { staging = "" } = grants;
    const ask = `policy explain ${project.join(" ")} --action deploy --target process --preauth-grant ${staging}`;
    const { stdout } = await autosd(`${ask} --env prod --json`, 3);
    expect(stdout).toContain("scope_environment");
    expect((await autosd(`${ask} --env staging --json`, 3)).stdout).not.toContain(
      "scope_environment",
    );
  });

  it("an entry that is copied to the end of the log is found", async () => {
    const log = join(place.home, "audit.log.jsonl");
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    const last = lines.findLast((line) => line.includes('"kind":"resume"')) ?? "";
    await appendFile(log, `${last}\n`);
    const { stdout, stderr } = await autosd("audit verify", 6);
    expect(stdout + stderr).toContain("does not hold");
    await writeFile(log, `${lines.join("\n")}\n`);
    await autosd("audit verify");
  });

  it("a project's policy that is taken away is seen in what policy show tells", async () => {
    const folder = place.path("my-project");
    const file = join(folder, ".autosd", "policy.json");
    await mkdir(join(folder, ".autosd"), { recursive: true });
    await writeFile(
      join(folder, ".autosd", "project.json"),
      JSON.stringify({ schema: "autosd/project@1", projectId: "my-project" }),
    );
    const show = async () =>
      JSON.parse(
        (await autosd(`policy show ${project.join(" ")} --project-dir ${folder} --json`)).stdout,
      ) as { readonly digest: string; readonly limits: readonly { readonly source: string }[] };
    await writeFile(file, '{"schema":"autosd/policy@1","rules":[{"quorum":2}]}');
    const strict = await show();
    expect(strict.limits.some(({ source }) => source.includes("policy.json rules[0]"))).toBe(true);
    await place.run("rm", [file]);
    const loose = await show();
    expect(loose.digest).not.toBe(strict.digest);
    expect(loose.limits.every(({ source }) => !source.includes("policy.json"))).toBe(true);
  });
});
