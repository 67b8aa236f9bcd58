import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { createApp } from "./app.ts";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { migrations } from "./storage/migrations.ts";
import { openDatabase } from "./storage/open-database.ts";

/** Exit code for a service that was started with settings that it cannot use. */
const configurationFault = 2;

async function start(config: Config): Promise<void> {
  const database = openDatabase(config.databaseFile, migrations);
  const lifecycle = { draining: false };
  const app = createApp({
    ...config,
    database,
    lifecycle,
    logger: { level: config.logLevel },
    processMetrics: true,
  });

  async function stop(signal: string): Promise<void> {
    if (lifecycle.draining) return;
    lifecycle.draining = true;
    app.log.info({ signal }, "draining");
    const deadline = setTimeout(() => {
      app.log.error("requests were still running at the drain deadline");
      process.exit(1);
    }, config.drainDeadlineMs);
    deadline.unref();
    // Load balancers see /readyz fail and stop sending before the listener goes away.
    await delay(config.drainDelayMs);
    await app.close();
    database.close();
    clearTimeout(deadline);
    process.exitCode = 0;
  }

  process.once("SIGTERM", (signal) => void stop(signal));
  process.once("SIGINT", (signal) => void stop(signal));
  await app.listen({ host: config.host, port: config.port });
}

try {
  await start(loadConfig(process.env));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The service did not start: ${message}\n`);
  process.exit(error instanceof ConfigError ? configurationFault : 1);
}
