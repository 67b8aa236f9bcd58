import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inject } from "vitest";
import { testToken } from "./token.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const startTimeoutMs = 20_000;

export interface ServiceProcess {
  readonly url: string;
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

let compiled: Promise<string> | undefined;

/** What was compiled: once for all tests, to a folder of its own. The project's is not written to. */
function compile(): Promise<string> {
  compiled ??= compileOnce(join(inject("buildFolder"), "service"));
  return compiled;
}

async function compileOnce(folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  const own = mkdtempSync(`${folder}-`);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  // The types are checked by `npm run types`.
  const how = ["-p", join(root, "tsconfig.build.json"), "--noCheck"];
  await promisify(execFile)(process.execPath, [compiler, ...how, "--outDir", join(own, "dist")]);
  for (const file of ["package.json", "openapi.json"])
    copyFileSync(join(root, file), join(own, file));
  symlinkSync(join(root, "node_modules"), join(own, "node_modules"), "dir");
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another thread was faster, with the same.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The built service as a real process, with data of its own. */
export class BuiltService {
  readonly #folder: string;
  readonly #data = mkdtempSync(join(tmpdir(), "service-data-"));
  readonly #running = new Set<() => void>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<BuiltService> {
    return new BuiltService(await compile());
  }

  /** Starts it on a free port and waits until it listens. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const child = this.#spawn({ LOG_LEVEL: "info", ...environment });
    const exited = once(child, "exit").then(([code]) => code as number | null);
    const signal = AbortSignal.timeout(startTimeoutMs);
    for await (const line of createInterface({ input: child.stdout, signal })) {
      const url = /Server listening at (http:\/\/[^"]+)/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return { url, exited, signal: (name) => void child.kill(name) };
    }
    throw new Error("the service ended before it listened");
  }

  /** Runs it to its end: for services that refuse to start. */
  async fail(environment: Readonly<Record<string, string>>) {
    const child = this.#spawn(environment);
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const [code] = await once(child, "close");
    return { code: code as number | null, errors };
  }

  remove(): void {
    for (const kill of this.#running) kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  #spawn(environment: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [join(this.#folder, "dist", "main.js")], {
      env: {
        PATH: process.env.PATH,
        HOST: "127.0.0.1",
        PORT: "0",
        DATABASE_FILE: join(this.#data, "service.db"),
        API_TOKENS: testToken,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(() => child.kill("SIGKILL"));
    return child;
  }
}

const waitTimeoutMs = 10_000;

/** Asks until readiness is no longer 200; a refused connection is no answer. */
export async function readinessOf(url: string): Promise<number> {
  const until = Date.now() + waitTimeoutMs;
  while (Date.now() < until) {
    const response = await fetch(`${url}/readyz`);
    await response.text();
    if (response.status !== 200) return response.status;
  }
  return 200;
}

/** Asks until no connection is taken any more. */
export async function stopsListening(url: string): Promise<boolean> {
  const until = Date.now() + waitTimeoutMs;
  while (Date.now() < until) {
    try {
      await (await fetch(`${url}/healthz`)).text();
    } catch {
      return true;
    }
  }
  return false;
}

/** A request whose body arrives in two parts, so that it is under way for as long as a test wants. */
export class SlowRequest {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async begin(url: string): Promise<SlowRequest> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write(
      [
        "POST /under-way HTTP/1.1",
        `host: ${hostname}`,
        `authorization: Bearer ${testToken}`,
        "content-type: application/json",
        "content-length: 2",
        "",
        "{",
      ].join("\r\n"),
    );
    // Another request has been answered: by now the service has read this one, too.
    await (await fetch(`${url}/healthz`)).text();
    return new SlowRequest(socket);
  }

  /** Sends the rest and gives the answer. */
  async finish(): Promise<string> {
    this.#socket.write("}");
    const [chunk] = (await once(this.#socket, "data")) as [Buffer];
    this.#socket.destroy();
    return chunk.toString();
  }
}
