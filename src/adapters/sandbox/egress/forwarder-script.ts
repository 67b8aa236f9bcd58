/** Where the sandbox finds the host's egress proxy. */
export const egressSocketInside = "/run/autosd/egress.sock";
/** Where the command finds it: programs speak to proxies over TCP only. */
export const egressPortInside = 19_177;

/**
 * Runs inside the sandbox as the command's parent: carries connections from a loopback port to the
 * host's proxy socket, starts the command once it listens, and ends as the command ends. It has no
 * more rights than the command and decides nothing. Plain CommonJS, because it stands alone.
 */
export const forwarderScript = String.raw`"use strict";
const net = require("node:net");
const { spawn } = require("node:child_process");
const [socketPath, port, program, ...args] = process.argv.slice(2);
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const host = net.connect({ path: socketPath, allowHalfOpen: true });
  client.on("error", () => host.destroy());
  host.on("error", () => client.destroy());
  client.pipe(host);
  host.pipe(client);
});
server.on("error", (error) => {
  process.stderr.write("sandbox: the egress port could not be opened: " + error.message + "\n");
  process.exit(125);
});
server.listen({ host: "127.0.0.1", port: Number(port) }, () => {
  const child = spawn(program, args, { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => {
    process.stderr.write("sandbox: " + program + ": " + error.message + "\n");
    process.exit(127);
  });
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
});
`;
