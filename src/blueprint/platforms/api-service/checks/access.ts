import type { Check, CheckContext } from "./check.ts";
import { withBuilt } from "./service.ts";

const validTokensCheck: Check = {
  key: "refuses-without-token",
  given: "the service has tokens",
  when: "a request comes without a token, with a wrong one, or with one of another scheme",
  then: "the answer is 401 with `WWW-Authenticate`, whether or not the path exists; a valid token gets further",
  title: "lets only valid tokens pass",
  body: [
    'const send = (token: string | null) => service.send("POST", "/nowhere", { token });',
    "const refused = await send(null);",
    "expectProblem(refused, 401);",
    'expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);',
    'expectProblem(await send("wrong-token-0123456789"), 401);',
    "expectProblem(await send(`${testToken}x`), 401);",
    "expectProblem(await send(testToken), 404);",
  ],
};

function openOperationsCheck(publicReads: boolean): Check {
  return {
    key: "leaves-operations-open",
    given: "the service has tokens",
    when: publicReads
      ? "something is read, or health, readiness or the API document are asked for, without a token"
      : "health, readiness or the API document are asked for without a token",
    then: "they are answered, and the document says which operations want a token",
    title: "answers health and its document to everybody",
    body: [
      'for (const path of ["/healthz", "/readyz", "/openapi.json"])',
      "  expect((await service.get(path, { token: null })).status).toBe(200);",
      "const { components } = contract.document;",
      'expect(components).toMatchObject({ securitySchemes: { bearer: { scheme: "bearer" } } });',
      publicReads
        ? 'expectProblem(await service.send("GET", "/nowhere", { token: null }), 404);'
        : 'expectProblem(await service.send("GET", "/nowhere", { token: null }), 401);',
    ],
  };
}

const startCheck: Check = {
  key: "refuses-to-start-without-tokens",
  given: "no token, or one that is too short",
  when: "the service is started",
  then: "it ends with code 2 and says what to set, without showing the token",
  title: "refuses to start without good tokens",
  body: [
    'const { loadConfig } = await import("../../src/config.ts");',
    "expect(() => loadConfig({})).toThrow(/API_TOKENS/);",
    'expect(() => loadConfig({ API_TOKENS: "short" })).toThrow(/16 characters/);',
    'expect(() => loadConfig({ API_TOKENS: "short" })).not.toThrow(/short/);',
    "const built = await BuiltService.build();",
    withBuilt([
      'const { code, errors } = await built.fail({ API_TOKENS: "" });',
      "expect(code).toBe(2);",
      'expect(errors).toContain("API_TOKENS");',
    ]),
  ],
};

const tokenFileCheck: Check = {
  key: "reads-tokens-from-file",
  given: "a file with tokens, one a line",
  when: "API_TOKENS_FILE names it",
  then: "each of them is valid; a file that cannot be read is refused",
  title: "reads tokens from a file",
  body: [
    'const { loadConfig } = await import("../../src/config.ts");',
    'const folder = mkdtempSync(join(tmpdir(), "tokens-"));',
    'const file = join(folder, "tokens");',
    'writeFileSync(file, "first-token-0123456789\\nsecond-token-0123456789\\n");',
    "const { tokens } = loadConfig({ API_TOKENS_FILE: file });",
    'expect(tokens).toEqual(["first-token-0123456789", "second-token-0123456789"]);',
    "rmSync(folder, { recursive: true });",
    "expect(() => loadConfig({ API_TOKENS_FILE: file })).toThrow(/cannot be read/);",
  ],
};

/** What access by token must do and refuse, apart from operations: each has a check of its own. */
export function accessChecks(context: CheckContext): readonly Check[] {
  const { access } = context.model;
  const publicReads = access.kind === "token" && access.publicReads;
  return [validTokensCheck, openOperationsCheck(publicReads), startCheck, tokenFileCheck];
}
