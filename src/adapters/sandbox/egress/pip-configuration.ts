import { fileURLToPath } from "node:url";
import type { ProcessRunner } from "../../../kernel/process.ts";
import { destinationText, parseDestination } from "./host-port.ts";

const configTimeoutMs = 30_000;
const defaultIndex = "https://pypi.org/simple";
/** What the default index hands out files from. */
const defaultFiles = "files.pythonhosted.org:443";
const insideFolder = "/pip-sources";

/** Where pip on this machine takes packages from; credentials are never in it. */
export interface PipConfiguration {
  /** `host:port` of the indexes, sorted: the egress that installing needs. */
  readonly hosts: readonly string[];
  /** For pip inside a sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders of this machine that hold packages, and where the environment expects them. */
  readonly folders: readonly { readonly hostPath: string; readonly path: string }[];
}

/** Asks pip, else reads the environment; the public index when neither says anything. Never rejects for what pip does. */
export async function readPipConfiguration(options: {
  readonly runner: ProcessRunner;
  /** The caller's environment: it says where the home folder and pip's settings are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<PipConfiguration> {
  const env = Object.fromEntries(
    Object.entries(options.environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const result = await options.runner.run({
    command: ["python3", "-m", "pip", "config", "list"],
    cwd: "/",
    env,
    timeoutMs: configTimeoutMs,
    maxOutputBytes: 1_000_000,
  });
  const isAnswer = result.end.kind === "exited" && result.end.exitCode === 0;
  return pipConfigurationOf(isAnswer ? result.stdout : "", env);
}

/** `text`: what `pip config list` prints. */
export function pipConfigurationOf(
  text: string,
  environment: Readonly<Record<string, string>>,
): PipConfiguration {
  const settings = settingsOf(text, environment);
  const isOffline = /^(?:1|true|yes|on)$/i.test(settings.get("no-index") ?? "");
  const indexes = isOffline
    ? []
    : [settings.get("index-url") ?? defaultIndex, ...words(settings.get("extra-index-url"))];
  const view = new View();
  const [index, ...extra] = indexes.map((one) => view.inside(one));
  const links = words(settings.get("find-links")).map((one) => view.inside(one));
  const variables: Readonly<Record<string, string | undefined>> = {
    PIP_CONFIG_FILE: "/dev/null",
    PIP_NO_INDEX: isOffline ? "1" : undefined,
    PIP_INDEX_URL: index,
    PIP_EXTRA_INDEX_URL: joined(extra),
    PIP_FIND_LINKS: joined(links),
    PIP_TRUSTED_HOST: joined(words(settings.get("trusted-host"))),
  };
  return {
    hosts: [...new Set(view.hosts)].sort(),
    environment: Object.fromEntries(
      Object.entries(variables).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    ),
    folders: view.folders,
  };
}

/** By name: what is said for `install` counts more than what is said in general, the environment most. */
function settingsOf(
  text: string,
  environment: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const lines = text.split("\n");
  for (const section of ["global", "install"])
    for (const line of lines) {
      const [, of, name, , value] = /^(\w+)\.([\w-]+)=(['"])(.*)\3\s*$/.exec(line) ?? [];
      if (of === section && name !== undefined && value !== undefined)
        found.set(name, value.replaceAll("\\n", "\n"));
    }
  for (const [name, value] of Object.entries(environment))
    if (/^PIP_[A-Z_]+$/.test(name) && value !== "")
      found.set(name.slice("PIP_".length).toLowerCase().replaceAll("_", "-"), value);
  return found;
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(/\s+/).filter((one) => one !== "");
}

function joined(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** What of the machine a sandbox has to be shown. */
class View {
  readonly hosts: string[] = [];
  readonly folders: { readonly hostPath: string; readonly path: string }[] = [];

  /** An address or a folder as pip inside knows it. */
  inside(text: string): string {
    if (text.startsWith("/")) return this.#folder(text);
    if (!URL.canParse(text)) return text;
    const url = new URL(text);
    if (url.protocol === "file:") return `file://${this.#folder(fileURLToPath(url))}`;
    url.username = "";
    url.password = "";
    const port = url.port === "" ? (url.protocol === "http:" ? "80" : "443") : url.port;
    const destination = parseDestination(`${url.hostname}:${port}`);
    if (destination !== undefined) this.hosts.push(destinationText(destination));
    if (url.hostname === "pypi.org") this.hosts.push(defaultFiles);
    return url.href;
  }

  #folder(hostPath: string): string {
    const known = this.folders.find((one) => one.hostPath === hostPath);
    if (known !== undefined) return known.path;
    const path = `${insideFolder}/${String(this.folders.length)}`;
    this.folders.push({ hostPath, path });
    return path;
  }
}
