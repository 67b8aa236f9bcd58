import { fileURLToPath } from "node:url";
import { version } from "./cli/version.ts";
import type { Config } from "./config/options.ts";
import type { Autosd } from "./engine/autosd.ts";

const interruptedExitCode = 130;
/** Of a command that never came to an end: what Node itself says of such a program. */
const unsettledExitCode = 13;
/** How long something forgotten may keep the process of a finished command alive. */
const lingerMs = 2_000;

if (process.argv.length === 3 && ["--version", "-V"].includes(process.argv[2] ?? "")) {
  // Asked for often, by scripts: nothing else is loaded for it.
  process.stdout.write(`${version}\n`);
} else {
  void main();
}

async function main(): Promise<void> {
  process.exitCode = unsettledExitCode;
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(interruptedExitCode);
      stop.abort();
    });
  }
  const { runProcess } = await import("./cli/process-edge.ts");
  process.exitCode = await runProcess({
    wishes: process.env,
    signal: stop.signal,
    stop: () => stop.abort(),
    load: (config) => load(config, stop),
  });
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function load(config: Config, stop: AbortController): Promise<Autosd> {
  const { compose } = await import("./compose.ts");
  const { secretQuestion } = await import("./cli/ask-secret.ts");
  return compose({
    config,
    version,
    packageFolder: fileURLToPath(new URL("..", import.meta.url)),
    cwd: process.cwd(),
    stdin: process.stdin,
    environment: process.env,
    askSecret: secretQuestion(process, stop.signal, () => stop.abort()),
    onLogFailure: (error) => {
      process.stderr.write(`autosd: the log cannot be written: ${error.message}\n`);
    },
  });
}
