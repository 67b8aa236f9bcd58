/** What the probe's program saw inside the sandbox. */
export interface ProbeFacts {
  readonly secret: "read" | "hidden";
  readonly host: "reached" | "unreachable";
  readonly loopback: "up" | "down";
  readonly corePattern: "written" | "refused";
  readonly capabilities: string;
  readonly noNewPrivileges: boolean;
  readonly userId: number;
  readonly visibleProcesses: number;
}

/**
 * Runs inside the sandbox: `argv` holds the secret's path, a port that listens on the host, and the
 * number of seconds of a daemon that must not outlive the sandbox. Prints `ProbeFacts` as JSON.
 */
export const probeScript = String.raw`
const fs = require("node:fs"), net = require("node:net"), { spawn } = require("node:child_process");
const [secretPath, port, seconds] = process.argv.slice(1);
const tried = (action, yes, no) => { try { action(); return yes; } catch { return no; } };
const reached = (to) => new Promise((resolve) => {
  const socket = net.connect({ host: "127.0.0.1", port: to });
  socket.setTimeout(2000, () => { socket.destroy(); resolve(false); });
  socket.once("connect", () => { socket.destroy(); resolve(true); });
  socket.once("error", () => resolve(false));
});
const status = fs.readFileSync("/proc/self/status", "utf8");
const field = (name) => (new RegExp("^" + name + ":\\s*(\\S+)", "m").exec(status) || [])[1];
spawn("sleep", [seconds], { detached: true, stdio: "ignore" }).unref();
(async () => {
  const host = (await reached(Number(port))) ? "reached" : "unreachable";
  const server = net.createServer((socket) => socket.end());
  await new Promise((resolve) => { server.once("error", resolve); server.listen(0, "127.0.0.1", resolve); });
  const own = server.address();
  const loopback = own && (await reached(own.port)) ? "up" : "down";
  process.stdout.write(JSON.stringify({
    secret: tried(() => fs.readFileSync(secretPath), "read", "hidden"),
    host,
    loopback,
    corePattern: tried(() => fs.closeSync(fs.openSync("/proc/sys/kernel/core_pattern", "w")), "written", "refused"),
    capabilities: ["CapPrm", "CapEff", "CapBnd", "CapAmb", "CapInh"].map(field).join(" "),
    noNewPrivileges: field("NoNewPrivs") === "1",
    userId: process.getuid(),
    visibleProcesses: fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length,
  }), () => process.exit(0));
})();
`;
