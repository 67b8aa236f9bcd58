import { join } from "node:path";
import type { probeSandboxes } from "../adapters/sandbox/create-sandbox.ts";
import type { examine } from "../engine/doctor/doctor.ts";
import type { DoctorCheck } from "../engine/ports/doctor.port.ts";
import type { ProcessRunner } from "../kernel/process.ts";

type SandboxOptions = Parameters<typeof probeSandboxes>[0];

/** What is looked at on this machine. */
export interface DoctorNeeds {
  readonly home: string;
  readonly cacheMaxMegabytes: number;
  /** PATH: where programs are looked for. */
  readonly searchPath: string;
  readonly runner: () => Promise<ProcessRunner>;
  readonly sandbox: () => Promise<SandboxOptions>;
  /** Absent: no external agent is configured. */
  readonly agent: (() => Promise<readonly DoctorCheck[]>) | undefined;
}

/** The probes of `autosd doctor`. */
export async function doctorProbes(needs: DoctorNeeds): Promise<Parameters<typeof examine>[0]> {
  const { probeHome, probeNode, probeProgram } =
    await import("../adapters/doctor/machine-probes.ts");
  const runner = await needs.runner();
  const path = needs.searchPath;
  const git = { name: "git", install: "apt-get install git", path };
  const npm = { name: "npm", install: "Install npm, which comes with Node.js.", path };
  return [
    { name: "node", required: true, probe: () => probeNode(process.version) },
    { name: "git", required: true, probe: probeProgram(runner, git) },
    { name: "npm", required: true, probe: probeProgram(runner, npm) },
    { name: "home", required: true, probe: probeHome(needs.home) },
    { name: "caches", required: false, probe: () => cacheChecks(needs) },
    { name: "sandbox", required: true, probe: async () => sandboxChecks(await needs.sandbox()) },
    ...(needs.agent === undefined ? [] : [{ name: "agent", required: false, probe: needs.agent }]),
  ];
}

const megabyteBytes = 1_000_000;
/** Large caches are measured for so long, and then said to be at least that large. */
const measureBudgetMs = 3_000;

/** What the caches take. More than they may is for information: the end of the next run prunes them. */
async function cacheChecks(
  needs: Pick<DoctorNeeds, "home" | "cacheMaxMegabytes">,
): Promise<readonly DoctorCheck[]> {
  const { measureCaches } = await import("../adapters/verification/tend-caches.ts");
  const folder = join(needs.home, "cache");
  const found = await measureCaches(folder, AbortSignal.timeout(measureBudgetMs));
  const { stores, npmBytes, evidence, isWhole } = found;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / megabyteBytes)} MB`;
  const totalBytes = stores.bytes + npmBytes + evidence.bytes;
  const parts = [
    `dependencies ${megabytes(stores.bytes)} (${stores.count})`,
    `npm ${megabytes(npmBytes)}`,
    `remembered gates ${megabytes(evidence.bytes)} (${evidence.count})`,
  ];
  const total = `${isWhole ? "" : "at least "}${megabytes(totalBytes)}`;
  const ok = totalBytes <= needs.cacheMaxMegabytes * megabyteBytes;
  return [
    {
      name: "caches",
      required: false,
      ok,
      finding: `${total} of at most ${needs.cacheMaxMegabytes} MB in ${folder}: ${parts.join(", ")}`,
      remedy: ok
        ? undefined
        : "The next run removes what was used least recently; AUTOSD_CACHE_MAX_MEGABYTES sets the limit.",
    },
  ];
}

/** One usable backend is enough; the others are for information. */
async function sandboxChecks(options: SandboxOptions): Promise<readonly DoctorCheck[]> {
  const { probeSandboxes } = await import("../adapters/sandbox/create-sandbox.ts");
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
