import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "../../../src/adapters/sandbox/open-backend.ts";
import { registryHosts } from "../../../src/adapters/sandbox/create-sandbox.ts";
import {
  roomyLimits,
  runScript,
  type SandboxHarness,
} from "../../../src/delivery/agent/sandbox.contract.ts";
import type { SandboxBackend } from "../../../src/delivery/agent/sandbox.port.ts";
import { openHarness, sandboxOptions } from "./harness.ts";

interface Site {
  readonly port: number;
  readonly requests: string[];
  readonly close: () => void;
}

async function openSite(body: string): Promise<Site> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.host ?? ""}`);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () => server.close(),
  };
}

/** Sends raw text to the proxy inside and prints the first line of each answer. */
function askProxy(requests: readonly string[]): readonly [string, ...string[]] {
  const program = `
    const net = require("node:net");
    const url = new URL(process.env.HTTP_PROXY);
    const ask = (text) => new Promise((resolve) => {
      let seen = "";
      const socket = net.connect(Number(url.port), url.hostname, () => socket.write(text));
      socket.on("data", (data) => { seen += data; if (seen.includes("\\r\\n")) socket.end(); });
      socket.on("close", () => resolve(seen.split("\\r\\n")[0]));
      socket.on("error", (error) => resolve(error.message));
      socket.setTimeout(5000, () => socket.destroy());
    });
    (async () => { for (const one of JSON.parse(process.argv[1])) console.log(await ask(one)); })();`;
  return [process.execPath, "-e", program, JSON.stringify(requests)];
}

/**
 * Kills whatever carries connections inside, puts a server that lies into its place, and says whether
 * that server is the one that answers now; a daemon is told to go on with it.
 */
const takeOver = `
  const fs = require("node:fs"), http = require("node:http"), { spawn } = require("node:child_process");
  const port = Number(new URL(process.env.HTTP_PROXY).port);
  for (const id of fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name))) {
    let words = "";
    try { words = fs.readFileSync("/proc/" + id + "/cmdline", "utf8"); } catch {}
    if (words.startsWith("/usr/bin/perl\\0/run/autosd/forwarder.")) process.kill(Number(id), "SIGKILL");
  }
  const lie = () => {
    const server = http.createServer((request, response) => response.end("a lie"));
    server.on("error", () => setTimeout(lie, 5));
    server.listen(port, "127.0.0.1", () => {
      http.get({ host: "127.0.0.1", port }, (response) => response.on("data", (data) => {
        console.log(String(data));
        server.close();
        spawn(process.execPath, ["-e", "require('node:http').createServer((q, r) => r.end('a lie')).listen(" + port + ", '127.0.0.1')"], { detached: true, stdio: "ignore" }).unref();
        process.exit();
      }));
    });
  };
  lie();`;

/** What gets out through the allow-list, and what does not. */
export function egressSuite(backend: SandboxBackend): void {
  describe(`${backend} with an allow-list`, () => {
    let harness: SandboxHarness;
    let listed: Site;
    let other: Site;
    const allow = (...hosts: string[]) => ({ egress: { kind: "allow-list", hosts } as const });

    beforeAll(async () => {
      harness = await openHarness(backend);
      await mkdir(join(harness.folder, "workspace"));
      await harness.sandbox.adopt(join(harness.folder, "workspace"));
      listed = await openSite("from the listed host");
      other = await openSite("from another host");
    });
    afterAll(async () => {
      listed.close();
      other.close();
      await harness.close();
    });

    it("passes plain HTTP to the listed host and says who is meant", async () => {
      const request = `GET http://127.0.0.1:${listed.port}/file HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
      const result = await runScript(harness, "", {
        command: askProxy([request]),
        ...allow(`127.0.0.1:${listed.port}`),
      });
      expect(result.stdout).toBe("HTTP/1.1 200 OK\n");
      expect(listed.requests).toEqual([`GET /file 127.0.0.1:${listed.port}`]);
    });

    it("tunnels to the listed host", async () => {
      const program = `
        const net = require("node:net");
        const url = new URL(process.env.HTTPS_PROXY);
        const socket = net.connect(Number(url.port), url.hostname, () =>
          socket.write("CONNECT 127.0.0.1:${listed.port} HTTP/1.1\\r\\n\\r\\n"));
        let seen = "";
        socket.on("data", (data) => {
          if (seen === "") socket.write("GET /deep HTTP/1.0\\r\\n\\r\\n");
          seen += data;
        });
        socket.on("close", () => console.log(seen));`;
      const result = await runScript(harness, "", {
        command: [process.execPath, "-e", program],
        ...allow(`127.0.0.1:${listed.port}`),
      });
      expect(result.stdout).toContain("200 Connection Established");
      expect(result.stdout).toContain("from the listed host");
    });

    it("refuses every other way to write a destination", async () => {
      const port = String(listed.port);
      const far = String(other.port);
      const connects = [
        `127.0.0.1:${far}`,
        `localhost:${port}`,
        `127.0.0.1:${port}@127.0.0.1:${far}`,
        `user@127.0.0.1:${port}`,
        `127.1:${port}`,
        `2130706433:${port}`,
        `0x7f000001:${port}`,
        `0177.0.0.1:${port}`,
        `[::ffff:127.0.0.1]:${port}`,
        `127.0.0.1.:${far}`,
        `127.0.0.1:0${far}`,
        `127.0.0.1%00.evil.example:${port}`,
        `http://127.0.0.1:${far}/`,
        `127.0.0.1`,
        `169.254.169.254:80`,
        `example.com:443`,
      ].map((one) => `CONNECT ${one} HTTP/1.1\r\n\r\n`);
      const plain = [
        `http://127.0.0.1:${far}/`,
        `http://127.0.0.1:${port}@127.0.0.1:${far}/`,
        `http://user:pass@127.0.0.1:${port}/`,
        `http://127.0.0.1/`,
        `http://127.0.0.1:${far}#@127.0.0.1:${port}/`,
        `http://127.0.0.1:${far}\\@127.0.0.1:${port}/`,
        `ftp://127.0.0.1:${port}/`,
        `/`,
      ].map((one) => `GET ${one} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      const before = listed.requests.length;
      const refused: string[] = [];
      const result = await runScript(harness, "", {
        command: askProxy([...connects, ...plain]),
        ...allow(`127.0.0.1:${port}`),
        onRefused: (destination) => refused.push(destination),
      });
      expect(refused).toEqual(expect.arrayContaining(["example.com:443", `127.0.0.1:${far}`]));
      expect(refused).not.toContain(`127.0.0.1:${port}`);
      const answers = result.stdout.trim().split("\n");
      expect(answers).toHaveLength(connects.length + plain.length);
      for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 (403|400)|^$/);
      expect(answers.filter((one) => one.includes("403")).length).toBeGreaterThan(20);
      expect(other.requests).toEqual([]);
      expect(listed.requests).toHaveLength(before);
    });

    it("still has no other way to the host", async () => {
      const program = `require("node:net").connect(${listed.port}, "127.0.0.1").on("connect", () => console.log("BROKEN")).on("error", (error) => console.log(error.code))`;
      const result = await runScript(harness, "", {
        command: [process.execPath, "-e", program],
        ...allow(`127.0.0.1:${listed.port}`),
      });
      expect(result.stdout).toBe("ECONNREFUSED\n");
    });

    it("lets a command that takes the carrier's place deceive itself, and not the next one", async () => {
      const hosts = allow(`127.0.0.1:${listed.port}`);
      const command = [process.execPath, "-e", takeOver] as const;
      const first = await runScript(harness, "", { command, ...hosts });
      expect(first).toMatchObject({ end: { kind: "exited", exitCode: 0 }, stdout: "a lie\n" });
      const before = listed.requests.length;
      const second = await runScript(harness, "", {
        command: askProxy([
          `GET http://127.0.0.1:${listed.port}/again HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
          `CONNECT 127.0.0.1:${other.port} HTTP/1.1\r\n\r\n`,
        ]),
        ...hosts,
      });
      expect(second.stdout).toBe("HTTP/1.1 200 OK\nHTTP/1.1 403 Forbidden\n");
      expect(listed.requests.slice(before)).toEqual([`GET /again 127.0.0.1:${listed.port}`]);
    });

    it("refuses an entry that is no host:port", async () => {
      const bad = runScript(harness, "true", allow("https://registry.example/"));
      await expect(bad).rejects.toMatchObject({ code: "AUTOSD-SANDBOX-EGRESS" });
    });

    it("ends as the command ends", async () => {
      const hosts = allow(`127.0.0.1:${listed.port}`);
      expect((await runScript(harness, "exit 9", hosts)).end).toEqual({
        kind: "exited",
        exitCode: 9,
      });
      expect((await runScript(harness, "kill -9 $$", hosts)).end).toEqual({
        kind: "signalled",
        signal: "SIGKILL",
      });
      const missing = { command: ["no-such-program"] as const, ...hosts };
      expect((await runScript(harness, "", missing)).end.kind).toBe("not-started");
    });

    it("goes through the proxy that the machine itself needs, and no way round it", async () => {
      const asked: string[] = [];
      const upstream = createTcpServer((client) => {
        client.once("data", (head) => {
          asked.push(String(head).split("\r\n\r\n")[0] ?? "");
          const far = connect(listed.port, "127.0.0.1", () => {
            client.write("HTTP/1.1 200 OK\r\n\r\n");
            client.pipe(far).pipe(client);
          });
          far.on("error", () => client.destroy());
          client.on("error", () => far.destroy());
        });
      });
      await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", () => resolve()));
      const port = (upstream.address() as AddressInfo).port;
      const options = sandboxOptions(harness.folder, backend);
      const sandbox = await openBackend(backend, {
        ...options,
        environment: { HTTPS_PROXY: `http://me:pw@127.0.0.1:${port}`, NO_PROXY: "localhost" },
      });
      const result = await runScript({ ...harness, sandbox }, "", {
        command: askProxy(["CONNECT far.example:443 HTTP/1.1\r\n\r\n"]),
        ...allow("far.example:443"),
      });
      upstream.close();
      expect(result.stdout).toBe("HTTP/1.1 200 Connection Established\n");
      expect(asked[0]).toContain("CONNECT far.example:443 HTTP/1.1");
      expect(asked[0]).toContain(`Proxy-Authorization: Basic ${btoa("me:pw")}`);
    });

    it("installs a real package from the registry, and only from there", async () => {
      const workspace = join(harness.folder, "workspace", "app");
      await mkdir(workspace);
      const dependencies = { "is-number": "7.0.0" };
      const manifest = { name: "app", version: "1.0.0", dependencies };
      const integrity =
        "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==";
      const packages = {
        "": manifest,
        "node_modules/is-number": { version: "7.0.0", integrity },
      };
      await writeFile(join(workspace, "package.json"), JSON.stringify(manifest));
      await writeFile(
        join(workspace, "package-lock.json"),
        JSON.stringify({
          name: "app",
          version: "1.0.0",
          lockfileVersion: 3,
          requires: true,
          packages,
        }),
      );
      await harness.sandbox.adopt(workspace);
      const hosts = await registryHosts(sandboxOptions(harness.folder, backend));
      const install = (...list: string[]) =>
        runScript(harness, "cd app && npm ci --fetch-retries=0", {
          ...allow(...list),
          limits: { ...roomyLimits, timeoutMs: 50_000 },
        });
      const refused = await install("somewhere-else.example:443");
      expect(refused.end).not.toEqual({ kind: "exited", exitCode: 0 });
      const result = await install(...hosts);
      expect([result.end, result.stderr]).toEqual([
        { kind: "exited", exitCode: 0 },
        expect.anything(),
      ]);
      const installed = join(workspace, "node_modules/is-number/package.json");
      expect(JSON.parse(await readFile(installed, "utf8"))).toMatchObject({ version: "7.0.0" });
    });
  });
}
