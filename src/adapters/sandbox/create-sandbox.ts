import type { Sandbox, SandboxProbe } from "../../delivery/agent/sandbox.port.ts";
import { SandboxError } from "./errors.ts";
import type { SandboxOptions } from "./options.ts";
import { probeBackend, type WorkingBackend } from "./probe.ts";
import { openBackend } from "./open-backend.ts";
import { createAddressBook } from "./egress/dial.ts";
import { readNpmConfiguration, registryHostsOf } from "./egress/npm-configuration.ts";
import { proxySettings } from "./egress/open-egress.ts";
import { anyAnswers } from "./egress/reach.ts";

/** In the order of preference: bubblewrap is the better known program. */
const order: readonly WorkingBackend[] = ["bubblewrap", "unshare"];

/**
 * The sandbox that `preference` names, `auto` the first that passes its probe. Throws
 * `AUTOSD-SANDBOX-UNAVAILABLE` when there is none; it never falls back to `none`.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { preference } = options;
  if (preference === "none") return openBackend("none", options);
  const wanted = preference === "auto" ? order : [preference];
  const failed: SandboxProbe[] = [];
  for (const backend of wanted) {
    const probe = await probeBackend(backend, options, { mayRemember: true });
    if (probe.usable) return openBackend(backend, options);
    failed.push(probe);
    options.log?.warn("sandbox backend unusable", { backend, finding: probe.finding });
  }
  const remedy = failed.find((probe) => probe.remedy !== undefined)?.remedy;
  throw new SandboxError(
    "AUTOSD-SANDBOX-UNAVAILABLE",
    `no sandbox works here: ${failed.map((one) => `${one.backend}: ${one.finding}`).join("; ")}`,
    { ...(remedy === undefined ? {} : { remedy }), details: { probes: failed } },
  );
}

/** Executes the probe of every backend, for `autosd doctor`. Never rejects. */
export async function probeSandboxes(
  options: Omit<SandboxOptions, "preference">,
): Promise<readonly SandboxProbe[]> {
  const probes: SandboxProbe[] = [];
  for (const backend of order)
    probes.push(
      await probeBackend(backend, { ...options, preference: backend }, { mayRemember: false }),
    );
  return probes;
}

/** `host:port` of the registries that npm on this machine uses, for `Egress`. */
export async function registryHosts(
  options: Pick<SandboxOptions, "runner" | "environment">,
): Promise<readonly string[]> {
  const { runner, environment = {} } = options;
  return registryHostsOf(await readNpmConfiguration({ runner, environment }));
}

/**
 * Asks whether a package registry answers, on the way that sandboxed installs take: through this
 * machine's proxy where it has one. Never rejects; answers within seconds.
 */
export function createRegistryReach(
  options: Pick<SandboxOptions, "runner" | "environment">,
): (hosts: readonly string[], signal: AbortSignal) => Promise<boolean> {
  const { runner, environment = {} } = options;
  return async (hosts, signal) => {
    const npm = await readNpmConfiguration({ runner, environment });
    const proxies = proxySettings(environment, npm);
    return anyAnswers(hosts, { npm, proxies, addresses: createAddressBook() }, signal);
  };
}
