import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import { block, importLines, lineWidth, object, signature } from "../code/typescript.ts";
import type { ImportLine } from "../code/typescript.ts";
import { capital, namesOf } from "../names.ts";
import type { EntityScope, Scope } from "../scope.ts";

/** The name of the function that serves an entity's operations. */
export function routesFunction(own: EntityScope): string {
  return `serve${capital(namesOf(own.entity).plural)}`;
}

function imports(scope: Scope): readonly ImportLine[] {
  const served = scope.entities.filter((own) => own.served);
  return [
    { from: "fastify", names: ["FastifyInstance", "FastifyServerOptions"], typeOnly: true },
    { from: "./http/contract.ts", names: ["ApiContract"] },
    { from: "./http/operations.ts", names: ["type OperationsOptions", "operationsRoutes"] },
    { from: "./http/server.ts", names: ["createServer"] },
    ...(scope.access === undefined ? [] : [{ from: "./http/tokens.ts", names: ["requireTokens"] }]),
    ...served.map((own) => ({
      from: `./http/${namesOf(own.entity).file}-routes.ts`,
      names: [routesFunction(own)],
    })),
  ];
}

/** `src/app.ts`: the service put together. */
export function appFile(scope: Scope): string {
  const served = scope.entities.filter((own) => own.served);
  const { access } = scope;
  const options: readonly Doc[] = [
    "/** Default: `openapi.json` of the project. */",
    "readonly contract?: ApiContract;",
    'readonly logger?: FastifyServerOptions["logger"];',
    ...(access === undefined ? [] : ["readonly tokens: readonly string[];"]),
    ...(served.length === 0
      ? []
      : ["/** Default: the machine's clock. */", "readonly clock?: () => Date;"]),
  ];
  const body: readonly Doc[] = [
    "const contract = options.contract ?? ApiContract.load();",
    "const app = createServer(contract, options.logger);",
    ...(access === undefined
      ? []
      : [`requireTokens(app, contract, options.tokens, ${String(access.publicReads)});`]),
    "operationsRoutes(app, contract, options);",
    ...(served.length === 0
      ? []
      : [
          [
            "const parts = ",
            object([
              "contract",
              "database: options.database",
              "clock: options.clock ?? (() => new Date())",
            ]),
            ";",
          ],
        ]),
    ...served.map((own) => `${routesFunction(own)}(app, parts);`),
    "return app;",
  ];
  const doc = lines([
    ...importLines(imports(scope)),
    "",
    block("export interface AppOptions extends OperationsOptions", options),
    "",
    "/** Builds the service. Opens no port and listens to no signal: that is left to main. */",
    block(signature("export function createApp", ["options: AppOptions"], "FastifyInstance"), body),
  ]);
  return print(doc, lineWidth);
}

/** `test/support/app.ts`: the service as tests start it. */
export function testAppFile(scope: Scope): string {
  const tokens = scope.access !== undefined;
  const doc = lines([
    ...importLines([
      { from: "fastify", names: ["FastifyInstance"], typeOnly: true },
      { from: "../../src/app.ts", names: ["type AppOptions", "createApp"] },
      ...(tokens ? [{ from: "./token.ts", names: ["testToken"] }] : []),
    ]),
    "",
    tokens ? 'type TestOptions = Omit<AppOptions, "tokens">;' : "type TestOptions = AppOptions;",
    "",
    "/** The service as the tests run it. */",
    block(signature("export function createTestApp", ["options: TestOptions"], "FastifyInstance"), [
      tokens
        ? "return createApp({ ...options, tokens: [testToken] });"
        : "return createApp(options);",
    ]),
  ]);
  return print(doc, lineWidth);
}
