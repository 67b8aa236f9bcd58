import type { probeSandboxes } from "./adapters/sandbox/create-sandbox.ts";
import type { examine } from "./engine/doctor/doctor.ts";
import type { DoctorCheck } from "./engine/ports/doctor.port.ts";
import type { ProcessRunner } from "./kernel/process.ts";

type SandboxOptions = Parameters<typeof probeSandboxes>[0];

/** What is looked at on this machine. */
export interface DoctorNeeds {
  readonly home: string;
  /** PATH: where programs are looked for. */
  readonly searchPath: string;
  readonly runner: () => Promise<ProcessRunner>;
  readonly sandbox: () => Promise<SandboxOptions>;
}

/** The probes of `autosd doctor`. */
export async function doctorProbes(needs: DoctorNeeds): Promise<Parameters<typeof examine>[0]> {
  const { probeHome, probeNode, probeProgram } =
    await import("./adapters/doctor/machine-probes.ts");
  const runner = await needs.runner();
  const path = needs.searchPath;
  const git = { name: "git", install: "apt-get install git", path };
  const npm = { name: "npm", install: "Install npm, which comes with Node.js.", path };
  return [
    { name: "node", required: true, probe: () => probeNode(process.version) },
    { name: "git", required: true, probe: probeProgram(runner, git) },
    { name: "npm", required: true, probe: probeProgram(runner, npm) },
    { name: "home", required: true, probe: probeHome(needs.home) },
    { name: "sandbox", required: true, probe: async () => sandboxChecks(await needs.sandbox()) },
  ];
}

/** One usable backend is enough; the others are for information. */
async function sandboxChecks(options: SandboxOptions): Promise<readonly DoctorCheck[]> {
  const { probeSandboxes } = await import("./adapters/sandbox/create-sandbox.ts");
  const probes = await probeSandboxes(options);
  const anyUsable = probes.some((probe) => probe.usable);
  return probes.map((probe) => ({
    name: `sandbox: ${probe.backend}`,
    ok: probe.usable,
    required: !anyUsable,
    finding: probe.finding,
    remedy: probe.remedy,
  }));
}
