import { privateKeyRule } from "./private-keys.ts";
import { looksGenerated, patternRule, varied, type SecretRule } from "./secret-rule.ts";

/** Not inside a longer word; `\n` of JSON and `%3D` of a URL end in a letter but end a word too. */
const start = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))`;

function pattern(source: string, flags = ""): RegExp {
  return new RegExp(source, `gd${flags}`);
}

/** Keys that name their issuer in a prefix. */
const issued: readonly SecretRule[] = [
  patternRule({
    id: "anthropic-key",
    title: "Anthropic API key",
    markers: ["sk-ant-"],
    pattern: pattern("sk-ant-[A-Za-z0-9_-]{20,}"),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "openai-key",
    title: "OpenAI API key",
    markers: ["sk-"],
    pattern: pattern(`${start}sk-(?!ant-)[A-Za-z0-9_-]{20,}`),
    // Mixed case or hexadecimal: CSS classes such as sk-fading-circle-container are neither.
    accept: (key) =>
      varied(key, 10) &&
      /\d/.test(key) &&
      ((/[A-Z]/.test(key) && /[a-z]/.test(key)) || /[0-9a-f]{32}/.test(key)),
  }),
  patternRule({
    id: "google-api-key",
    title: "Google API key",
    markers: ["AIza"],
    pattern: pattern(`${start}AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])`),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "google-oauth-secret",
    title: "Google OAuth client secret or token",
    markers: ["GOCSPX-", "ya29."],
    pattern: pattern(String.raw`GOCSPX-[A-Za-z0-9_-]{24,}|${start}ya29\.[A-Za-z0-9_-]{20,}`),
    accept: (key) => varied(key, 10),
  }),
  patternRule({
    id: "github-token",
    title: "GitHub token",
    markers: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    pattern: pattern("gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}"),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "gitlab-token",
    title: "GitLab token",
    markers: ["gl"],
    pattern: pattern(`${start}gl(?:pat|dt|rt|ft|cbt|ptt|oas|soat|agent|imt)-[A-Za-z0-9_-]{20,}`),
    accept: (key) => varied(key, 10),
  }),
  patternRule({
    id: "aws-access-key-id",
    title: "AWS access key id",
    markers: ["AKIA", "ASIA"],
    pattern: pattern(`${start}(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])`),
    accept: (key) => !key.endsWith("EXAMPLE") && varied(key, 8),
  }),
  patternRule({
    id: "slack-token",
    title: "Slack token",
    markers: ["xox", "xapp-"],
    pattern: pattern(`${start}(?:xox[abeoprs](?:\\.xox[bp])?|xapp)-[A-Za-z0-9-]{10,}`),
    accept: (key) => /\d{4}/.test(key) && varied(key, 8),
  }),
  patternRule({
    id: "slack-webhook",
    title: "Slack webhook address",
    markers: ["hooks.slack.com/"],
    pattern: pattern(
      "hooks\\.slack\\.com/(?:services|workflows|triggers)/(?<secret>[A-Za-z0-9/_-]{20,})",
    ),
    accept: (path) => varied(path, 8),
  }),
  patternRule({
    id: "stripe-key",
    title: "Stripe key",
    markers: ["k_live_", "k_test_", "whsec_"],
    pattern: pattern(`${start}(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})`),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "npm-token",
    title: "npm token",
    markers: ["npm_", "_auth", "_password"],
    // In .npmrc the name tells; there a variable in place of the value is how it should be done.
    pattern: pattern(
      String.raw`npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])|:_(?:authToken|auth|password) ?= ?"?(?<secret>[A-Za-z0-9+/=_.-]{12,})`,
    ),
    accept: (key) => varied(key, 8),
  }),
  patternRule({
    id: "hugging-face-token",
    title: "Hugging Face token",
    markers: ["hf_", "api_org_"],
    pattern: pattern(`${start}(?:hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,})`),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "service-token",
    title: "Token of another service that names itself",
    markers: ["SG.", "dop_v1_", "pypi-", "hvs.", "hvb.", "gsk_", "xai-", "dckr_pat_", "lin_api_"],
    pattern: pattern(
      `${start}(?:SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,}|dop_v1_[0-9a-f]{64}|pypi-[A-Za-z0-9_-]{50,}|hv[sb]\\.[A-Za-z0-9_-]{24,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}|dckr_pat_[A-Za-z0-9_-]{20,}|lin_api_[A-Za-z0-9]{32,})`,
    ),
    accept: (key) => varied(key, 12),
  }),
  patternRule({
    id: "age-key",
    title: "Secret key of age",
    markers: ["AGE-SECRET-KEY-"],
    pattern: pattern("AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    accept: (key) => varied(key, 16),
  }),
  patternRule({
    id: "azure-account-key",
    title: "Key of an Azure account",
    markers: ["Key="],
    pattern: pattern("(?:Account|SharedAccess)Key=(?<secret>[A-Za-z0-9+/]{40,100}={0,2})"),
    accept: (key) => varied(key, 16),
  }),
  patternRule({
    id: "jwt",
    title: "JSON web token",
    markers: ["eyJ"],
    pattern: pattern(
      String.raw`${start}eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`,
    ),
    accept: (key) => varied(key, 16),
  }),
];

/** Secrets that only their surroundings tell. */
const told: readonly SecretRule[] = [
  patternRule({
    id: "aws-secret-key",
    title: "AWS secret access key",
    markers: ["ccess"],
    pattern: pattern(
      String.raw`secret_?access_?key["'\s:=>]{1,8}(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
      "i",
    ),
    accept: (key) => !/EXAMPLE/.test(key) && varied(key, 12),
  }),
  patternRule({
    id: "url-password",
    title: "Password in a URL",
    markers: ["://"],
    pattern: pattern(
      String.raw`:\/\/(?<user>[^\s/?#:@"'<>\\${"`"}]{0,128}):(?<secret>(?!\k<user>@)[^\s/?#@"'<>\\${"`"}]{1,256})@`,
    ),
    accept: isPassword,
  }),
  patternRule({
    id: "authorization-header",
    title: "Credential of an Authorization header",
    markers: ["uthorization", "UTHORIZATION"],
    pattern: pattern(
      String.raw`authorization["'\\]{0,2}[\s:=,]{1,4}["'${"`"}\\]{0,2}(?:bearer|basic|token)\s{1,3}(?<secret>[A-Za-z0-9._~+/=-]{16,})`,
      "i",
    ),
    accept: looksGenerated,
  }),
  patternRule({
    id: "assigned-secret",
    title: "Generated value under the name of a secret",
    markers: ["=", ":"],
    // What follows the value must end it: a call or a property is code that fetches a secret.
    pattern: pattern(
      String.raw`(?:password|passwd|passphrase|secret|token|api[_-]?key|secret[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credential)["'\]\\]{0,3} {0,3}(?::=|=>|[:=]) {0,3}["'${"`"}\\]{0,2}(?<secret>[A-Za-z0-9+/=_~-]{20,256})(?![A-Za-z0-9+/=_~.([-])`,
      "i",
    ),
    accept: looksGenerated,
  }),
];

/** No variable, no placeholder, nothing already redacted. */
function isPassword(text: string): boolean {
  if (/^(?:[$%{[*]|x{3,}$|\.{3})/i.test(text)) return false;
  return !/^(?:pass(?:word|wd)?|pwd?|secret|change-?me|example|token|p|xyz)$/i.test(text);
}

/** What autosd takes for a secret, everywhere: in its own log, in what it shows, in what it checks. */
export const secretRules: readonly SecretRule[] = [privateKeyRule, ...issued, ...told];
