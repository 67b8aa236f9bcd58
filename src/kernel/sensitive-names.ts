/** Last words of names whose value is a secret; two words where one alone says too little. */
const singular = [
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "secret",
  "token",
  "authorization",
  "cookie",
  "credential",
  "credentials",
  "auth",
  "apikey",
  "api key",
  "access key",
  "secret key",
  "private key",
  "signing key",
  "encryption key",
  "connection string",
];

/** `API_TOKENS=a,b` holds secrets, `tokens: 812` does not: only text counts under these. */
const plural = ["passwords", "secrets", "tokens", "cookies", "api keys", "private keys"];

/** Words that may follow without changing what the value is. */
const trailing = new Set(["value", "header", "plain", "raw", "base64", "text", "string"]);

export type Sensitivity = "none" | "text" | "all";

/**
 * What under this name is secret: `text` values only, `all` text and numbers, or `none`. Reads
 * camelCase, snake_case, kebab-case and upper case. `maxTokens`, `tokensIn`, `tokenCount`, `token_type`
 * are none unless their last word is: then text only.
 */
export function sensitivityOf(name: string): Sensitivity {
  if (name.length > 256) return "none";
  const words = wordsOf(name);
  while (words.length > 1 && trailing.has(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  const lastTwo = words.slice(-2).join(" ");
  if (plural.includes(last) || plural.includes(lastTwo)) return "text";
  if (!singular.includes(last) && !singular.includes(lastTwo)) return "none";
  return last === "token" || last === "auth" ? "text" : "all";
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
