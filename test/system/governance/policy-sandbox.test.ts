import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probeSandboxes } from "../../../src/adapters/sandbox/create-sandbox.ts";
import { runScript, type SandboxHarness } from "../../../src/delivery/agent/sandbox.contract.ts";
import { reportUnavailable } from "../../support/report-unavailable.ts";
import { openHarness, sandboxOptions, temporaryFolder } from "../sandbox/harness.ts";

const probeFolder = await temporaryFolder();
const probes = await probeSandboxes(sandboxOptions(probeFolder, "auto"));
await rm(probeFolder, { recursive: true, force: true });
const usable = probes.filter((probe) => probe.usable).map((probe) => probe.backend);

const strict = '{"schema":"autosd/policy@1","rules":[{"quorum":2}]}\n';
const loose = '{"schema":"autosd/policy@1","rules":[]}';

/** A project with a policy and a home with a halt, beside the workspace that a command may write to. */
interface Prey {
  readonly harness: SandboxHarness;
  readonly files: readonly string[];
}

async function openPrey(backend: (typeof probes)[number]["backend"]): Promise<Prey> {
  const harness = await openHarness(backend);
  const { folder, autosdHome } = harness;
  const files = [
    join(folder, "project/.autosd/policy.json"),
    join(folder, "project/.autosd/policy.cedar"),
    join(autosdHome, "policy.json"),
    join(autosdHome, "audit.log.jsonl"),
    join(autosdHome, "halts", "halt"),
    join(autosdHome, "preauth", "trust.json"),
  ];
  for (const place of ["workspace", "project/.autosd"])
    await mkdir(join(folder, place), { recursive: true });
  for (const place of ["halts", "preauth"]) await mkdir(join(autosdHome, place));
  await harness.sandbox.adopt(join(folder, "workspace"));
  // Open to everybody: what keeps them is the sandbox alone.
  for (const place of [
    join(folder, "project"),
    join(folder, "project/.autosd"),
    autosdHome,
    join(autosdHome, "halts"),
    join(autosdHome, "preauth"),
  ])
    await chmod(place, 0o777);
  for (const file of files) {
    await writeFile(file, strict);
    await chmod(file, 0o666);
  }
  return { harness, files };
}

/** Overwrites, replaces and removes each file, by every way out that a name offers. */
function attackOn(files: readonly string[]): string {
  const ways = files.flatMap((file) => [
    `echo '${loose}' > ${file}`,
    `echo '${loose}' > own; mv -f own ${file}`,
    `ln -sf ${file} link; echo '${loose}' > link`,
    `echo '${loose}' > ../../../../../..${file}`,
    `rm -f ${file}`,
  ]);
  return `echo attempted; { ${ways.join("; ")}; } 2>/dev/null; true`;
}

async function contents(files: readonly string[]): Promise<readonly string[]> {
  return Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "gone")));
}

describe("a command that changes policy, halts and the log", () => {
  it("succeeds without a sandbox: the attack itself works", async () => {
    const { harness, files } = await openPrey("none");
    try {
      expect((await runScript(harness, attackOn(files))).stdout).toContain("attempted");
      expect(await contents(files)).toEqual(files.map(() => "gone"));
    } finally {
      await harness.close();
    }
  });

  it("is tried in a sandbox wherever this machine has one", () => {
    if (usable.length > 0) return;
    const findings = probes.map(({ backend, finding }) => `${backend}: ${finding}`);
    reportUnavailable("a sandbox around policy", findings.join("; "));
  });
});

describe.each(usable)("a command in the sandbox %s", (backend) => {
  let prey: Prey;
  beforeAll(async () => {
    prey = await openPrey(backend);
  });
  afterAll(() => prey.harness.close());

  it("changes neither a project's policy nor anything in AUTOSD_HOME", async () => {
    const { harness, files } = prey;
    const result = await runScript(harness, attackOn(files));
    expect(result.stdout).toContain("attempted");
    expect(await contents(files)).toEqual(files.map(() => strict));
  });
});
