import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSecrets, redactText, redactValue, secretRules } from "./redaction.ts";

/** Characters that look drawn at random; the same on every run. */
function drawn(length: number, alphabet: string, seed = 7): string {
  let state = seed;
  let text = "";
  for (let index = 0; index < length; index += 1) {
    state = (state * 48_271) % 2_147_483_647;
    text += alphabet.charAt(state % alphabet.length);
  }
  return text;
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const upper = lower.toUpperCase();
const alnum = lower + upper + digits;
const base64 = `${alnum}+/`;
const hex = "0123456789abcdef";
const dashes = "-".repeat(5);

function armoured(label: string, body: string, lineEnd = "\n"): string {
  return [`${dashes}BEGIN ${label}${dashes}`, body, `${dashes}END ${label}${dashes}`].join(lineEnd);
}

/** Lines of 64 characters, as keys are written. */
function keyBody(lines: number, lineEnd = "\n"): string {
  return Array.from({ length: lines }, (_, line) => drawn(64, base64, line + 1)).join(lineEnd);
}

// Put together here, so that the repository itself holds nothing that looks like a secret.
const secrets: readonly (readonly [rule: string, title: string, secret: string])[] = [
  ["openai-key", "an old OpenAI key", `sk-${drawn(48, alnum)}`],
  ["openai-key", "an OpenAI project key", `sk-proj-${drawn(80, `${alnum}_-`)}`],
  ["openai-key", "a key of a compatible service", `sk-or-v1-${drawn(64, hex)}`],
  ["anthropic-key", "an Anthropic key", `sk-ant-api03-${drawn(90, `${alnum}_-`)}`],
  ["google-api-key", "a Google API key", `AIza${drawn(35, `${alnum}_`)}`],
  ["google-oauth-secret", "a Google OAuth secret", `GOCSPX-${drawn(28, alnum)}`],
  ["google-oauth-secret", "a Google access token", `ya29.${drawn(60, alnum)}`],
  ["github-token", "a GitHub personal token", `ghp_${drawn(36, alnum)}`],
  ["github-token", "a GitHub OAuth token", `gho_${drawn(36, alnum)}`],
  ["github-token", "a GitHub app token", `ghs_${drawn(36, alnum)}`],
  ["github-token", "a fine-grained GitHub token", `github_pat_${drawn(82, `${alnum}_`)}`],
  ["gitlab-token", "a GitLab token", `glpat-${drawn(20, alnum)}`],
  ["aws-access-key-id", "an AWS key id", `AKIA${drawn(16, `${upper}234567`)}`],
  ["aws-access-key-id", "a temporary AWS key id", `ASIA${drawn(16, `${upper}234567`)}`],
  ["slack-token", "a Slack bot token", `xoxb-${drawn(12, digits)}-${drawn(24, alnum)}`],
  ["slack-token", "a Slack app token", `xapp-1-A${drawn(10, digits)}-${drawn(32, hex)}`],
  ["stripe-key", "a Stripe key", `sk_live_${drawn(24, alnum)}`],
  ["stripe-key", "a restricted Stripe test key", `rk_test_${drawn(24, alnum)}`],
  ["npm-token", "an npm token", `npm_${drawn(36, alnum)}`],
  ["hugging-face-token", "a Hugging Face token", `hf_${drawn(34, lower + upper)}`],
  ["service-token", "a SendGrid key", `SG.${drawn(22, alnum)}.${drawn(43, alnum)}`],
  ["service-token", "a DigitalOcean token", `dop_v1_${drawn(64, hex)}`],
  ["service-token", "a PyPI token", `pypi-${drawn(90, `${alnum}_-`)}`],
  ["service-token", "a Vault token", `hvs.${drawn(24, alnum)}`],
  ["service-token", "a Groq key", `gsk_${drawn(52, alnum)}`],
  ["service-token", "an xAI key", `xai-${drawn(80, alnum)}`],
  ["service-token", "a Docker Hub token", `dckr_pat_${drawn(27, alnum)}`],
  ["age-key", "an age key", `AGE-SECRET-KEY-1${drawn(58, upper + digits)}`],
  ["jwt", "a JWT", `eyJ${drawn(30, alnum)}.eyJ${drawn(60, alnum)}.${drawn(43, alnum)}`],
];

describe("keys with a prefix of their issuer", () => {
  test.each(secrets)("%s: finds %s wherever it stands", (rule, _title, secret) => {
    const places = [
      [secret, 0, 1],
      [`KEY=${secret}`, 4, 1],
      [`\n\nkey: "${secret}",`, 8, 3],
      [`{"message":"line\\n${secret}\\n"}`, 18, 1],
      [`https://host.example/?q=%3D${secret}`, 27, 1],
      [`(${secret})`, 1, 1],
    ] as const;
    for (const [text, start, line] of places) {
      expect(findSecrets(text), text).toEqual([{ rule, start, end: start + secret.length, line }]);
      expect(redactText(text)).toBe(text.replace(secret, `[redacted:${rule}]`));
    }
  });

  test("finds each of several and leaves the text between alone", () => {
    const text = secrets.map(([, title, secret]) => `${title} is ${secret}.`).join("\n");
    const redacted = redactText(text);
    for (const [rule, title] of secrets)
      expect(redacted).toContain(`${title} is [redacted:${rule}].`);
    expect(findSecrets(text).map((finding) => finding.line)).toEqual(
      secrets.map((_, at) => at + 1),
    );
  });
});

describe("private keys", () => {
  const labels = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
    "SSH2 ENCRYPTED PRIVATE KEY",
  ];

  test.each(labels)("finds a whole %s, from its first dash to its last", (label) => {
    for (const lineEnd of ["\n", "\r\n", "\\n", "\n    "]) {
      const key = armoured(label, keyBody(6, lineEnd), lineEnd);
      expect(redactText(`before\n${key}\nafter`)).toBe("before\n[redacted:private-key]\nafter");
    }
  });

  test("finds a key of one line, and one with the headers of encryption", () => {
    const short = armoured("PRIVATE KEY", drawn(64, base64));
    const encrypted = armoured(
      "RSA PRIVATE KEY",
      `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,${drawn(32, hex)}\n\n${keyBody(3)}`,
    );
    expect(redactText(`${short}\n${encrypted}`)).toBe(
      "[redacted:private-key]\n[redacted:private-key]",
    );
  });

  test("finds the key of a service account in its JSON file", () => {
    const account = JSON.stringify({
      type: "service_account",
      private_key: `${armoured("PRIVATE KEY", keyBody(20))}\n`,
      client_email: "a@b.example",
    });
    expect(redactText(account)).toBe(
      String.raw`{"type":"service_account","private_key":"[redacted:private-key]\n","client_email":"a@b.example"}`,
    );
  });

  test("finds what is left of a key whose end or beginning was cut away", () => {
    const lines = armoured("RSA PRIVATE KEY", keyBody(8)).split("\n");
    const cut = "[... 99 bytes cut ...]";
    const withoutEnd = `log\n${lines.slice(0, 5).join("\n")}\n${cut}\nmore output\ndone`;
    const withoutBeginning = `done\nthe output\n${cut}\n${lines.slice(4).join("\n")}\nmore`;
    expect(redactText(withoutEnd)).toBe(`log\n[redacted:private-key]\n${cut}\nmore output\ndone`);
    expect(redactText(withoutBeginning)).toBe(
      `done\nthe output\n${cut}\n[redacted:private-key]\nmore`,
    );
  });

  test("leaves code and prose that only mention the markers alone", () => {
    const begin = `${dashes}BEGIN PRIVATE KEY${dashes}`;
    const end = `${dashes}END PRIVATE KEY${dashes}`;
    for (const text of [
      `if (text.startsWith("${begin}")) return;`,
      `A key begins with ${begin} and, after its content in base64, ends with ${end}.`,
      `${begin}\n...\n${end}`,
      armoured("PUBLIC KEY", keyBody(4)),
      armoured("CERTIFICATE", keyBody(20)),
    ])
      expect(findSecrets(text), text).toEqual([]);
  });
});

describe("secrets that their surroundings tell", () => {
  const generated = drawn(40, alnum, 3);
  test.each([
    ["aws-secret-key", `aws_secret_access_key = ${drawn(40, base64, 5)}`],
    ["aws-secret-key", `"SecretAccessKey": "${drawn(40, base64, 5)}"`],
    [
      "slack-webhook",
      `https://hooks.slack.com/services/T${drawn(8, upper)}/B${drawn(8, upper)}/${drawn(24, alnum)}`,
    ],
    ["url-password", `postgres://app:${drawn(12, alnum)}@db.example:5432/app`],
    ["url-password", `redis://:${drawn(12, alnum)}@cache.example`],
    ["npm-token", `//registry.example/:_authToken=${generated}`],
    ["authorization-header", `Authorization: Bearer ${generated}`],
    ["authorization-header", `curl -H "authorization: Basic ${drawn(24, base64, 9)}=="`],
    ["azure-account-key", `DefaultEndpointsProtocol=https;AccountKey=${drawn(86, base64, 21)}==`],
    ["assigned-secret", `API_KEY=${generated}`],
    ["assigned-secret", `"clientSecret": "${generated}"`],
    ["assigned-secret", `password => '${drawn(32, hex, 5)}'`],
    ["assigned-secret", `https://api.example/v1?access_token=${generated}&page=2`],
  ])("%s: %s", (rule, text) => {
    const findings = findSecrets(text);
    expect(findings.map((finding) => finding.rule)).toEqual([rule]);
    const [finding] = findings;
    const secret = text.slice(finding?.start, finding?.end);
    expect(secret).not.toMatch(/[\s"':@&]|authToken|Bearer|key/i);
    expect(redactText(text)).toBe(text.replace(secret, `[redacted:${rule}]`));
  });
});

const gitSha = drawn(40, hex);
const image = `data:image/png;base64,${drawn(20_000, base64, 11)}==`;

test.each([
  ["a git commit", `commit ${gitSha}\nAuthor: autosd <autosd@localhost>`],
  ["a short listing of commits", `${gitSha.slice(0, 12)} feat: tokens\n`],
  ["a UUID", "id: 123e4567-e89b-12d3-a456-426614174000"],
  ["a UUID under a telling name", "token: 123e4567-e89b-12d3-a456-426614174000"],
  ["an image", `![](${image})`],
  ["a lockfile", `"integrity": "sha512-${drawn(86, base64, 13)}==",\n"shasum": "${gitSha}"`],
  ["a digest", `sha256:${drawn(64, hex, 17)}`],
  ["limits in tokens", "max_tokens: 100, tokensIn=20000, tokenCount: 123456789012345678901234"],
  ["a URL with a port", "https://example.com:8080/a@b"],
  ["a URL with a user", "https://user@example.com/"],
  ["an ssh address", "ssh://git@example.com:22/project.git"],
  ["a URL with a variable", "postgres://app:$PASSWORD@db/app postgres://app:${PW}@db/app"],
  ["a URL with a placeholder", "https://user:password@example.com https://user:xxx@example.com"],
  ["a well-known default", "postgres://postgres:postgres@localhost:5432/test"],
  ["a variable of npm", "//registry.example.org/:_authToken=${NPM_TOKEN}"],
  ["the example of a manual", `AKIAIOSFODNN7EXAMPLE`],
  ["a placeholder of the right form", `ghp_${"x".repeat(36)} sk-${"x".repeat(48)}`],
  ["CSS classes", ".sk-fading-circle-container-large .sk-folding-cube-wrapper-2 {}"],
  [
    "words that end like a prefix",
    "risk-assessment-of-the-Whole-project-2026 task-board-with-Two-columns-1",
  ],
  [
    "code that reads a secret",
    "const token = process.env.API_TOKEN_V2_FALLBACK ?? readSecretFrom1Password2();",
  ],
  ["code that makes a secret", "password: hashPasswordWithScrypt2Rounds16(input)"],
  ["a schema", 'password: { "type": "string", "minLength": 12 }'],
  ["test data", 'const token = "test-token-0123456789ABCdef";'],
  ["a documented header", "Authorization: Bearer <token>\nAuthorization: Bearer $API_TOKEN"],
  ["an npm setting", "npm_config_registry npm_lifecycle_event"],
  ["two dots", "eyJhbGciOi.not.a-token"],
  ["an id of autosd", "run_01JQZ3K8X9V7B5N2M4C6D8F0G1"],
])("takes %s for nothing secret", (_name, text) => {
  expect(findSecrets(text)).toEqual([]);
  expect(redactText(text)).toBe(text);
});

describe("hostile input", () => {
  const size = 5_000_000;
  const begin = `${dashes}BEGIN PRIVATE KEY${dashes}`;
  const repeated = (unit: string): string => unit.repeat(Math.ceil(size / unit.length));
  test.each([
    ["one letter", "a"],
    ["dashes", "-"],
    ["line ends", "\n"],
    ["beginnings of markers", `${dashes}BEGIN `],
    ["markers without end", begin],
    ["markers with lines", `${begin}\n${drawn(64, base64)}\n`],
    ["ends without beginning", `${dashes}END PRIVATE KEY${dashes}\n`],
    ["beginnings of tokens", `eyJ`],
    ["halves of tokens", `eyJ${drawn(12, alnum)}.`],
    ["names of secrets", "password="],
    ["names with spaces", "authorization: bearer  "],
    ["beginnings of keys", "sk-"],
    ["addresses", "://a:"],
    ["half of a URL", "://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbbbbbbbbbbbb"],
    ["backslashes", "\\"],
    ["short values", 'secret="aB1'],
  ])(
    "5 MB of %s takes time in proportion",
    (_name, unit) => {
      const text = repeated(unit);
      const startedMs = performance.now();
      findSecrets(text);
      // About 0.5 s at worst where this was written; one step more of complexity would take hours.
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    },
    30_000,
  );
});

test("what is redacted once stays as it is", () => {
  const pieces = fc.oneof(
    fc.constantFrom(...secrets.map(([, , secret]) => secret)),
    fc.constantFrom(
      "password=",
      "Authorization: Bearer ",
      "://u:",
      "@",
      "\n",
      '"',
      " ",
      "\\n",
      begin(),
    ),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const once = redactText(parts.join(""));
      expect(redactText(once)).toBe(once);
    }),
  );
});

function begin(): string {
  return `${dashes}BEGIN PRIVATE KEY${dashes}`;
}

test("findings are in order, apart, inside the text, on their line, and of known rules", () => {
  const ids = secretRules.map((rule) => rule.id);
  expect(new Set(ids).size).toBe(ids.length);
  const pieces = fc.oneof(
    fc.constantFrom(...secrets.map(([, , secret]) => secret), "password=", "\n", " ", "://u:", "@"),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      let position = 0;
      for (const finding of findSecrets(text)) {
        expect(finding.start).toBeGreaterThanOrEqual(position);
        expect(finding.end).toBeGreaterThan(finding.start);
        expect(finding.end).toBeLessThanOrEqual(text.length);
        expect(finding.line).toBe(text.slice(0, finding.start).split("\n").length);
        expect(ids).toContain(finding.rule);
        position = finding.end;
      }
    }),
  );
});

describe("redactValue", () => {
  test.each([
    "password",
    "PASSWORD",
    "dbPassword",
    "passphrase",
    "clientSecret",
    "client_secret",
    "token",
    "accessToken",
    "authToken",
    "AUTHORIZATION",
    "authorizationHeader",
    "x-api-key",
    "apiKey",
    "api_key",
    "apikey",
    "OPENAI_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "privateKey",
    "set-cookie",
    "API_TOKENS",
    "_auth",
  ])("replaces text under the name %s", (name) => {
    expect(redactValue({ [name]: "hunter2" })).toEqual({ [name]: "[redacted]" });
    expect(redactValue({ [name]: ["hunter2", { deep: "hunter2" }] })).toEqual({
      [name]: ["[redacted]", { deep: "[redacted]" }],
    });
  });

  test.each([
    ["max_tokens", 100],
    ["maxTokens", 100],
    ["tokens", 812],
    ["tokensIn", 20],
    ["tokensOut", "20"],
    ["tokenCount", 3],
    ["token_type", "bearer"],
    ["token", 17],
    ["password", undefined],
    ["password", ""],
    ["password", null],
    ["passwordRequired", true],
    ["secretName", "db"],
    ["key", "a.b"],
    ["idempotencyKey", "r/1"],
    ["author", "autosd"],
    ["tokenizer", "cl100k"],
    ["keyboard", "de"],
  ])("keeps %s: %j", (name, value) => {
    expect(redactValue({ [name]: value })).toEqual({ [name]: value });
  });

  test("replaces numbers where only a secret can stand", () => {
    expect(redactValue({ password: 1234, apiKey: 5n })).toEqual({
      password: "[redacted]",
      apiKey: "[redacted]",
    });
  });

  test("replaces secrets inside texts and names at any depth", () => {
    const [, , secret] = secrets[0] ?? ["", "", ""];
    expect(
      redactValue([{ a: { b: [`x ${secret}`] } }, new Map([[secret, new Set([secret])]])]),
    ).toEqual([
      { a: { b: ["x [redacted:openai-key]"] } },
      { "[redacted:openai-key]": ["[redacted:openai-key]"] },
    ]);
  });

  test("shows errors with their code and cause, without their secrets", () => {
    const [, , secret] = secrets[0] ?? ["", "", ""];
    const cause = Object.assign(new Error(`refused ${secret}`), { code: "E401" });
    const shown = redactValue(new TypeError("no", { cause }));
    expect(shown).toMatchObject({
      name: "TypeError",
      message: "no",
      cause: { name: "Error", message: "refused [redacted:openai-key]", code: "E401" },
    });
    expect(JSON.stringify(shown)).not.toContain(secret);
  });

  test("gives plain data for whatever it is given", () => {
    const cycle: Record<string, unknown> = { name: "a" };
    cycle["self"] = [cycle];
    let deep: unknown = "end";
    for (let level = 0; level < 1_000; level += 1) deep = { deep };
    const shown = redactValue({
      cycle,
      deep,
      bytes: new Uint8Array(3),
      at: new Date(0),
      never: new Date(Number.NaN),
      big: 2n ** 70n,
      run: () => 1,
      link: new URL(`https://u:${drawn(12, alnum)}@host.example/`),
      get broken(): string {
        throw new Error("no");
      },
    });
    expect(shown).toMatchObject({ bytes: "[3 bytes]", broken: "[unreadable]" });
    expect(() => JSON.stringify(shown)).not.toThrow();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(redactValue({ proxy, a: 1 })).toEqual({ proxy: "[unreadable]", a: 1 });
    expect(
      redactValue({ cycle, at: new Date(0), bytes: new Uint8Array(3), big: 2n ** 70n }),
    ).toEqual({
      cycle: { name: "a", self: ["[refers to itself]"] },
      at: "1970-01-01T00:00:00.000Z",
      bytes: "[3 bytes]",
      big: "1180591620717411303424",
    });
    expect(redactValue({ never: new Date(Number.NaN), run: () => 1 })).toEqual({
      never: null,
      run: "[function]",
    });
    expect(redactValue(new URL(`https://u:${drawn(12, alnum)}@host.example/`))).toBe(
      "https://u:[redacted:url-password]@host.example/",
    );
  });

  test("stops at a bounded size and keeps a member named __proto__ as data", () => {
    const many = redactValue(Array.from({ length: 200_000 }, (_, index) => index));
    expect(JSON.stringify(many).length).toBeLessThan(3_000_000);
    expect(JSON.stringify(redactValue(JSON.parse('{"__proto__":{"password":"x"}}')))).toBe(
      '{"__proto__":{"password":"[redacted]"}}',
    );
  });

  test("never throws and always gives what JSON can say", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          expect(() => JSON.stringify(redactValue(value))).not.toThrow();
        },
      ),
    );
  });

  test("leaves plain data without secrets as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(redactValue({ value })).toEqual({ value });
      }),
    );
  });
});

test("the sources of autosd hold nothing that its own rules find", () => {
  const folder = join(import.meta.dirname, "..");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(20);
  const found = files.flatMap((path) =>
    findSecrets(readFileSync(join(folder, path), "utf8")).map(
      (finding) => `${path}:${finding.line} ${finding.rule}`,
    ),
  );
  expect(found).toEqual([]);
});
