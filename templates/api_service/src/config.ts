/** Settings of the service. They come from the environment and nowhere else. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseFile: string;
  readonly logLevel: string;
  /** How long readiness fails before connections are refused. */
  readonly drainDelayMs: number;
  /** How long requests in flight may take after that. */
  readonly drainDeadlineMs: number;
}

/** A setting that the service cannot work with. The message never holds a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** Reads and checks all settings; throws ConfigError at the first that is wrong. */
export function loadConfig(environment: Environment): Config {
  const logLevel = environment.LOG_LEVEL ?? "info";
  if (!logLevels.includes(logLevel))
    throw new ConfigError(`LOG_LEVEL must be one of ${logLevels.join(", ")}`);
  return {
    host: environment.HOST ?? "127.0.0.1",
    port: wholeNumber(environment, "PORT", 8080, 65_535),
    databaseFile: environment.DATABASE_FILE ?? "data/service.db",
    logLevel,
    drainDelayMs: wholeNumber(environment, "DRAIN_DELAY_MS", 500, 60_000),
    drainDeadlineMs: wholeNumber(environment, "DRAIN_DEADLINE_MS", 10_000, 600_000),
  };
}

function wholeNumber(
  environment: Environment,
  name: string,
  fallback: number,
  maximum: number,
): number {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > maximum)
    throw new ConfigError(`${name} must be a whole number from 0 to ${maximum}`);
  return value;
}
