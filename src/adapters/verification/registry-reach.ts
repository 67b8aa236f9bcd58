import { connect } from "node:net";

const connectTimeoutMs = 5_000;

/** Whether one of the `host:port` takes a connection. Never rejects; resolves within seconds. */
export async function anyReachable(
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const answers = await Promise.all(hosts.map((host) => takesConnection(host, signal)));
  return answers.includes(true);
}

function takesConnection(destination: string, signal: AbortSignal): Promise<boolean> {
  const at = destination.lastIndexOf(":");
  const host = destination.slice(0, at).replaceAll(/^\[|\]$/g, "");
  const port = Number(destination.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const settle = (answer: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => settle(false);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
