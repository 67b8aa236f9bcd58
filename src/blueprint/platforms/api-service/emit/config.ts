import type { Scope } from "../scope.ts";

const head = `/** Settings of the service. They come from the environment and nowhere else. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseFile: string;
  readonly logLevel: string;
  /** How long readiness fails before connections are refused. */
  readonly drainDelayMs: number;
  /** How long requests in flight may take after that. */
  readonly drainDeadlineMs: number;`;

const errorClass = `
/** A setting that the service cannot work with. The message never holds a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
`;

const load = `/** Reads and checks all settings; throws ConfigError at the first that is wrong. */
export function loadConfig(environment: Environment): Config {
  const logLevel = environment.LOG_LEVEL ?? "info";
  if (!logLevels.includes(logLevel))
    throw new ConfigError(\`LOG_LEVEL must be one of \${logLevels.join(", ")}\`);
  return {
    host: environment.HOST ?? "127.0.0.1",
    port: wholeNumber(environment, "PORT", 8080, 65_535),
    databaseFile: environment.DATABASE_FILE ?? "data/service.db",
    logLevel,
    drainDelayMs: wholeNumber(environment, "DRAIN_DELAY_MS", 500, 60_000),
    drainDeadlineMs: wholeNumber(environment, "DRAIN_DEADLINE_MS", 10_000, 600_000),`;

const wholeNumber = `
function wholeNumber(
  environment: Environment,
  name: string,
  fallback: number,
  maximum: number,
): number {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!/^\\d+$/.test(text) || value > maximum)
    throw new ConfigError(\`\${name} must be a whole number from 0 to \${maximum}\`);
  return value;
}
`;

const readTokens = `
/** Tokens from API_TOKENS, or from the file that API_TOKENS_FILE names. */
function readTokens(environment: Environment): readonly string[] {
  const tokens = tokenText(environment)
    .split(/[,\\n]/)
    .map((token) => token.trim())
    .filter((token) => token !== "");
  if (tokens.length === 0)
    throw new ConfigError("set API_TOKENS or API_TOKENS_FILE: at least one token is needed");
  if (tokens.some((token) => token.length < minTokenLength || /\\s/.test(token)))
    throw new ConfigError(
      \`every token needs at least \${minTokenLength} characters and no blank in it\`,
    );
  return tokens;
}

function tokenText(environment: Environment): string {
  const file = environment.API_TOKENS_FILE;
  if (file === undefined || file === "") return environment.API_TOKENS ?? "";
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(\`API_TOKENS_FILE names a file that cannot be read: \${file}\`);
  }
}
`;

/** `src/config.ts`; tokens are part of it once the access feature is built. */
export function configFile(scope: Scope): string {
  const tokens = scope.access !== undefined;
  return [
    tokens ? 'import { readFileSync } from "node:fs";\n\n' : "",
    head,
    tokens
      ? "\n  /** Whoever sends one of them may use the service. */\n  readonly tokens: readonly string[];"
      : "",
    "\n}\n",
    errorClass,
    tokens ? "const minTokenLength = 16;\n" : "",
    "\n",
    load,
    tokens ? "\n    tokens: readTokens(environment)," : "",
    "\n  };\n}\n",
    wholeNumber,
    tokens ? readTokens : "",
  ].join("");
}
