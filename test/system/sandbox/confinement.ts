import { spawn, type ChildProcess } from "node:child_process";
import { copyFile, chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runScript, type SandboxHarness } from "../../../src/delivery/agent/sandbox.contract.ts";
import type { Prey } from "./attack-tools.ts";
import { attacks } from "./attacks.ts";
import { openHarness } from "./harness.ts";
import type { SandboxBackend, SandboxMount } from "../../../src/delivery/agent/sandbox.port.ts";

const secret = "planted-7f3a9c-secret";

/** A host that is worth attacking, around one sandbox. */
export interface Host {
  readonly harness: SandboxHarness;
  readonly prey: Prey;
  readonly victim: ChildProcess;
  readonly mounts: readonly SandboxMount[];
  readonly close: () => Promise<void>;
}

async function listening(
  server: Server,
  where: { path: string } | { port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => resolve());
  });
}

export async function openHost(backend: SandboxBackend): Promise<Host> {
  const harness = await openHarness(backend);
  const { folder, autosdHome } = harness;
  const workspace = join(folder, "workspace");
  for (const name of ["workspace/.git", "person/.ssh", "other-project", "deps"])
    await mkdir(join(folder, name), { recursive: true });
  await mkdir(join(autosdHome, "preauth"), { recursive: true });
  const secretFile = join(folder, "other-project", "secret");
  const sshKey = join(folder, "person/.ssh/id_ed25519");
  const autosdKey = join(autosdHome, "preauth", "key");
  // Readable to everybody: what keeps them hidden is the sandbox alone.
  for (const file of [secretFile, sshKey, autosdKey])
    await writeFile(file, `${secret}\n`, { mode: 0o644 });
  await writeFile(join(folder, "deps/file"), "dependency\n", { mode: 0o666 });
  await writeFile(join(workspace, ".git/config"), "[core]\n", { mode: 0o666 });
  await symlink(folder, join(workspace, "planted-link"));
  await harness.sandbox.adopt(workspace);
  await copyFile("/usr/bin/id", join(workspace, "rootid"));
  await chmod(join(workspace, "rootid"), 0o4755);
  const servers = [createServer(), createServer(), createServer()] as const;
  const pathSocket = join(folder, "host.sock");
  const abstractSocket = `autosd-test-${process.pid}-${backend}`;
  await listening(servers[0], { port: 0 });
  await listening(servers[1], { path: pathSocket });
  await listening(servers[2], { path: `\0${abstractSocket}` });
  await chmod(pathSocket, 0o777);
  const address = servers[0].address();
  const victim = spawn("sleep", ["600"], {
    detached: true,
    stdio: "ignore",
    env: { SECRET: secret },
  });
  return {
    harness,
    victim,
    prey: {
      secretFile,
      sshKey,
      autosdKey,
      hostPid: victim.pid ?? 0,
      tcpPort: typeof address === "object" && address !== null ? address.port : 0,
      addresses: Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .filter((one) => one.family === "IPv4")
        .map((one) => one.address),
      abstractSocket,
      pathSocket,
      isArm: process.arch === "arm64",
    },
    mounts: [
      { hostPath: workspace, path: "/workspace", mode: "read-write" },
      { hostPath: join(workspace, ".git"), path: "/workspace/.git", mode: "read-only" },
      { hostPath: join(folder, "deps"), path: "/deps", mode: "read-only" },
    ],
    async close() {
      victim.kill("SIGKILL");
      for (const server of servers) server.close();
      await harness.close();
    },
  };
}

async function kernelHandles(): Promise<readonly string[]> {
  return Promise.all(
    ["core_pattern", "modprobe", "hostname"].map((name) =>
      readFile(`/proc/sys/kernel/${name}`, "utf8").catch(() => ""),
    ),
  );
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

/** What came out of one attack; empty when the sandbox held. */
async function damage(host: Host, script: string): Promise<readonly string[]> {
  const before = await kernelHandles();
  const result = await runScript(host.harness, script, { mounts: host.mounts });
  const output = result.stdout + result.stderr;
  const { folder } = host.harness;
  const facts: readonly (readonly [boolean, string])[] = [
    [!result.stdout.includes("attempted"), `it was not attempted: ${output}`],
    [output.includes("BROKEN"), `it worked: ${output}`],
    [output.includes(secret), "the secret came out"],
    [!(await isAlive(host.prey.hostPid)), "the victim died"],
    [(await readFile(host.prey.secretFile, "utf8")) !== `${secret}\n`, "the secret was changed"],
    [
      (await readFile(join(folder, "deps/file"), "utf8")) !== "dependency\n",
      "a dependency was changed",
    ],
    [
      (await readFile(join(folder, "workspace/.git/config"), "utf8")) !== "[core]\n",
      ".git was changed",
    ],
    [(await kernelHandles()).join() !== before.join(), "a kernel setting was changed"],
    [result.end.kind === "timed-out", "it hung"],
  ];
  return facts.flatMap(([bad, what]) => (bad ? [what] : []));
}

/** Runs every attack against a backend that claims to hold commands. */
export function confinementSuite(backend: SandboxBackend): void {
  describe(`${backend} holds against attempts to`, () => {
    let host: Host;
    beforeAll(async () => {
      host = await openHost(backend);
    });
    afterAll(() => host.close());

    for (const attack of attacks)
      it(attack.name, async () => {
        expect(await damage(host, attack.script(host.prey))).toEqual([]);
      });
  });
}

/** The same attacks without a sandbox do harm: the suite would notice a sandbox that holds nothing. */
export function controlSuite(): void {
  describe("without a sandbox it is possible to", () => {
    for (const attack of attacks.filter((one) => one.worksWithout === true))
      it(attack.name, async () => {
        const host = await openHost("none");
        try {
          const harm = await damage(host, attack.script(host.prey));
          expect(harm).not.toEqual([]);
          expect(harm.join()).not.toContain("it was not attempted");
        } finally {
          await host.close();
        }
      });
  });
}
