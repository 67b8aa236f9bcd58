import { z } from "zod";
import type { ProcessRunner } from "../../../kernel/process.ts";
import { destinationText, parseDestination } from "./host-port.ts";

const configTimeoutMs = 30_000;

/** What npm on this machine is told about registries and the network; credentials are never in it. */
export interface NpmConfiguration {
  /** The default registry under `registry`, scoped ones under `@scope:registry`. */
  readonly registries: Readonly<Record<string, string>>;
  readonly caFile: string | undefined;
  readonly strictSsl: boolean;
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

const schema = z.record(z.string(), z.unknown());

/** Runs `npm config`; no registry at all when npm is absent or answers nonsense. */
export async function readNpmConfiguration(options: {
  readonly runner: ProcessRunner;
  /** The caller's environment: it says where the home folder and npm's settings are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<NpmConfiguration> {
  const env = Object.entries(options.environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const result = await options.runner.run({
    command: ["npm", "config", "list", "--json"],
    cwd: "/",
    env: Object.fromEntries(env),
    timeoutMs: configTimeoutMs,
    maxOutputBytes: 1_000_000,
  });
  return configurationOf(parsed(result.stdout));
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function configurationOf(raw: Readonly<Record<string, unknown>>): NpmConfiguration {
  const text = (name: string): string | undefined => {
    const value = raw[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const names = Object.keys(raw).filter((name) => /^@[^:]+:registry$/.test(name));
  const registries = ["registry", ...names].flatMap((name) => {
    const address = text(name) ?? "";
    if (!URL.canParse(address)) return [];
    const url = new URL(address);
    url.username = "";
    url.password = "";
    return [[name, url.href] as const];
  });
  const noProxy = raw["noproxy"];
  return {
    registries: Object.fromEntries(registries),
    caFile: text("cafile"),
    strictSsl: raw["strict-ssl"] !== false,
    httpProxy: text("proxy"),
    httpsProxy: text("https-proxy"),
    noProxy: Array.isArray(noProxy) ? noProxy.join(",") : text("noproxy"),
  };
}

/** `host:port` of every registry, sorted: the egress that installing dependencies needs. */
export function registryHostsOf(configuration: NpmConfiguration): readonly string[] {
  const hosts = Object.values(configuration.registries).flatMap((text) => {
    const url = new URL(text);
    const port = url.port === "" ? (url.protocol === "http:" ? "80" : "443") : url.port;
    const destination = parseDestination(`${url.hostname}:${port}`);
    return destination === undefined ? [] : [destinationText(destination)];
  });
  return [...new Set(hosts)].sort();
}

/** An `.npmrc` for the inside: the same registries through the sandbox's proxy, no credentials. */
export function npmrcOf(configuration: NpmConfiguration, proxyUrl: string): string {
  const lines = [
    ...Object.entries(configuration.registries).map(([name, url]) => `${name}=${url}`),
    `proxy=${proxyUrl}`,
    `https-proxy=${proxyUrl}`,
    "noproxy=localhost,127.0.0.1,::1",
    ...(configuration.strictSsl ? [] : ["strict-ssl=false"]),
  ];
  return `${lines.join("\n")}\n`;
}
