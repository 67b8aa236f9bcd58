import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forwarderScript } from "./forwarder-script.ts";
import { quickForwarderScript } from "./quick-forwarder-script.ts";

/** Sends four megabytes, says that it is done, and prints what came back and how it ended. */
const client = `
const net = require("node:net");
const socket = net.connect({ host: "127.0.0.1", port: Number(process.argv[1]), allowHalfOpen: true });
let bytes = 0;
socket.on("data", (chunk) => (bytes += chunk.length));
socket.on("end", () => console.log(bytes));
socket.end(Buffer.alloc(4_000_000, "x"));
`;

describe.each([
  ["Perl", "/usr/bin/perl", "forwarder.pl", quickForwarderScript],
  ["Node", process.execPath, "forwarder.cjs", forwarderScript],
])("the forwarder in %s", (_name, program, file, script) => {
  let folder = "";
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "autosd-forwarder-"));
    await writeFile(join(folder, file), script);
    // Answers only when the other side is done: without half-closing both would wait for ever.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = [];
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("end", () => socket.end(Buffer.concat(chunks)));
    });
    server.listen(join(folder, "far.sock"));
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const address = free.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));
  });
  afterAll(async () => {
    // In a sandbox the kernel does this.
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (words.split("\0").includes(join(folder, "far.sock")))
        process.kill(Number(pid), "SIGKILL");
    }
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  async function forwarded(
    ...command: readonly string[]
  ): Promise<{ readonly end: unknown; readonly stdout: string; readonly stderr: string }> {
    const words = [join(folder, file), join(folder, "far.sock"), String(port), ...command];
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
    const [end, stdout, stderr] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { end, stdout, stderr };
  }

  it("carries all of both directions and the end of each, for several at once", async () => {
    port += 1;
    const four = `for n in 1 2 3 4; do "$0" -e "$1" "$2" & done; wait`;
    const command = ["/bin/sh", "-c", four, process.execPath, client, String(port)];
    const { end, stdout } = await forwarded(...command);
    expect(stdout).toBe("4000000\n".repeat(4));
    expect(end).toEqual([0, null]);
  });

  it("ends as the command ends, by code and by signal", async () => {
    port += 1;
    expect((await forwarded("/bin/sh", "-c", "exit 7")).end).toEqual([7, null]);
    port += 1;
    expect((await forwarded("/bin/sh", "-c", "kill -KILL $$")).end).toEqual([null, "SIGKILL"]);
  });

  it("says which program is not there", async () => {
    port += 1;
    const { end, stderr } = await forwarded("/nowhere/program");
    expect(end).toEqual([127, null]);
    expect(stderr).toContain("/nowhere/program");
  });

  it("starts no command when somebody has the port", async () => {
    port += 1;
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    const { end, stdout, stderr } = await forwarded("/bin/echo", "started");
    other.close();
    expect(end).toEqual([125, null]);
    expect(stdout).toBe("");
    expect(stderr).toContain("the egress port could not be opened");
  });

  it("leaves the command no child that it did not start", async () => {
    port += 1;
    const look =
      "const fs = require('node:fs'); console.log(fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim())";
    expect((await forwarded(process.execPath, "-e", look)).stdout).toBe("\n");
  });
});
