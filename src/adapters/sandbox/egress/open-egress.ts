import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { silentLog } from "../../../kernel/log.ts";
import type { SandboxOptions } from "../options.ts";
import type { ViewStep } from "../plan.ts";
import type { RunPlace } from "../run-in-sandbox.ts";
import type { AddressBook } from "./dial.ts";
import { startEgressProxy } from "./egress-proxy.ts";
import type { Forwarder } from "./choose-forwarder.ts";
import { egressPortInside, egressSocketInside } from "./forwarder-script.ts";
import { parseAllowList } from "./host-port.ts";
import { npmrcOf, type NpmConfiguration } from "./npm-configuration.ts";
import type { ProxySettings } from "./upstream.ts";

/** What a command needs in order to reach the listed hosts, and nothing else. */
export interface OpenEgress {
  readonly view: readonly ViewStep[];
  readonly env: Readonly<Record<string, string>>;
  /** Goes before the command: the forwarder, which starts it. */
  readonly prefix: readonly [string, ...string[]];
  readonly close: () => Promise<void>;
}

/** Longest path of a Unix socket that the kernel takes. */
const maxSocketPathBytes = 100;
const npmrcInside = "/run/autosd/npmrc";

/** Starts the proxy of one run. `close` must be called when the command has ended. */
export async function openEgress(
  hosts: readonly string[],
  place: RunPlace,
  context: {
    readonly options: SandboxOptions;
    readonly npm: NpmConfiguration;
    readonly addresses: AddressBook;
    readonly forwarder: Forwarder;
    readonly onRefused?: ((destination: string) => void) | undefined;
  },
): Promise<OpenEgress> {
  const { forwarder } = context;
  // Node goes by the name's end.
  const forwarderInside = `/run/autosd/${basename(forwarder.script)}`;
  const allowed = parseAllowList(hosts);
  const environment = context.options.environment ?? {};
  const socket = await socketPlace(place);
  const proxy = await startEgressProxy({
    socketPath: socket.path,
    allowed,
    log: context.options.log ?? silentLog,
    onRefused: context.onRefused,
    dial: { addresses: context.addresses, proxies: proxySettings(environment, context.npm) },
  });
  const url = `http://127.0.0.1:${egressPortInside}`;
  const npmrc = join(place.folder, "npmrc");
  await writeFile(npmrc, npmrcOf(context.npm, url), { mode: 0o644 });
  const certificates = await certificateView(environment, context.npm);
  return {
    view: [
      bind(socket.path, egressSocketInside),
      bind(forwarder.script, forwarderInside),
      bind(npmrc, npmrcInside),
      ...certificates.view,
    ],
    env: { ...proxyVariables(url), npm_config_userconfig: npmrcInside, ...certificates.env },
    prefix: [forwarder.program, forwarderInside, egressSocketInside, String(egressPortInside)],
    async close() {
      await proxy.close();
      await socket.remove();
    },
  };
}

function bind(from: string, to: string): ViewStep {
  return { kind: "bind", from, to, mode: "read-only" };
}

/** In the run's own folder, or where that path is too long in a short 0700 folder of its own. */
async function socketPlace(
  place: RunPlace,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = join(place.folder, "egress.sock");
  if (Buffer.byteLength(path) <= maxSocketPathBytes)
    return { path, remove: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), "autosd-"));
  return {
    path: join(folder, "egress.sock"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The machine's proxies: the caller's variables, else npm's settings. */
export function proxySettings(environment: Variables, npm: NpmConfiguration): ProxySettings {
  return {
    http: environment["HTTP_PROXY"] ?? environment["http_proxy"] ?? npm.httpProxy,
    https: environment["HTTPS_PROXY"] ?? environment["https_proxy"] ?? npm.httpsProxy,
    direct: environment["NO_PROXY"] ?? environment["no_proxy"] ?? npm.noProxy,
  };
}

function proxyVariables(url: string): Readonly<Record<string, string>> {
  const direct = "localhost,127.0.0.1,::1";
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: direct,
    no_proxy: direct,
  };
}

/** Certificate files that programs on this machine need: a company's own authority. */
async function certificateView(
  environment: Variables,
  npm: NpmConfiguration,
): Promise<{ readonly view: readonly ViewStep[]; readonly env: Readonly<Record<string, string>> }> {
  const wanted: Readonly<Record<string, string | undefined>> = {
    npm_config_cafile: npm.caFile,
    NODE_EXTRA_CA_CERTS: environment["NODE_EXTRA_CA_CERTS"],
    SSL_CERT_FILE: environment["SSL_CERT_FILE"],
  };
  const view: ViewStep[] = [];
  const env: Record<string, string> = {};
  for (const [name, file] of Object.entries(wanted)) {
    const real = file === undefined ? undefined : await realpath(file).catch(() => undefined);
    if (real === undefined) continue;
    const inside = `/run/autosd/${name}.pem`;
    view.push(bind(real, inside));
    env[name] = inside;
  }
  return { view, env };
}
