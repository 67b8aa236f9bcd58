import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createGovernedPlace } from "../../../test/support/governed-place.ts";
import { pushOf } from "../../delivery/release/remote.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGitRemote } from "./remote.ts";

const run = promisify(execFile);
const token = "a-token-of-a-test";
const wanted = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
const folders: string[] = [];
const servers: Server[] = [];

afterAll(async () => {
  for (const server of servers) server.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "autosd-remote-"));
  folders.push(path);
  return path;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=sample", "-c", "user.email=sample@localhost"];
  return (await run("git", [...identity, ...args], { cwd })).stdout.trim();
}

/** git's own HTTP server program behind a server that asks for the token. */
async function serve(root: string): Promise<string> {
  const server = createServer((request, response) => {
    if (request.headers.authorization === wanted) {
      backend(root, request, response);
      return;
    }
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "sample",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      ...(request.headers["content-encoding"] === undefined
        ? {}
        : { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] }),
      ...(request.headers["git-protocol"] === undefined
        ? {}
        : { GIT_PROTOCOL: String(request.headers["git-protocol"]) }),
    },
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf("\r\n\r\n");
    const headers = answer.subarray(0, end).toString("utf8").split("\r\n");
    for (const header of headers) {
      const [name = "", value = ""] = header.split(": ");
      if (name === "Status") response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.end(answer.subarray(end + 4));
  });
}

describe("a git server on HTTP", () => {
  it("takes a push from whoever has the token, and from nobody else", async () => {
    const root = await folder();
    const directory = await folder();
    await git(root, "init", "-q", "--bare", "sample.git");
    await git(join(root, "sample.git"), "config", "http.receivepack", "true");
    await git(directory, "init", "-q", "-b", "main", ".");
    await writeFile(join(directory, "file.txt"), "text");
    await git(directory, "add", "file.txt");
    await git(directory, "commit", "-q", "-m", "first");
    const commit = await git(directory, "rev-parse", "HEAD");
    const url = `${await serve(root)}/sample.git`;
    const commands: (readonly string[])[] = [];
    const runner = createProcessRunner();
    const remoteWith = (secret: string | undefined) =>
      createGitRemote({
        runner: {
          run: (spec) => {
            commands.push(spec.command);
            return runner.run(spec);
          },
        },
        scratch: join(root, "scratch"),
        searchPath: process.env["PATH"] ?? "",
        sshAuthSocket: undefined,
        token: async () => secret,
      });
    const place = createGovernedPlace();
    const action = pushOf(commit);
    const request = { action, url, branch: "main", commit, expected: undefined };

    const refused = remoteWith(undefined).headOf(directory, { url, branch: "main" });
    await expect(refused).rejects.toMatchObject({ code: "AUTOSD-PUSH-UNREACHABLE" });
    const remote = remoteWith(token);
    await remote.push(await place.leave(action), directory, request);
    expect(await remote.headOf(directory, { url, branch: "main" })).toBe(commit);
    expect(await git(join(root, "sample.git"), "rev-parse", "main")).toBe(commit);
    // Every user of a machine can read the arguments of every process.
    expect(JSON.stringify(commands)).not.toContain(wanted.slice("Basic ".length));
  });
});
