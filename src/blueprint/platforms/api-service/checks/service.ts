import type { Doc } from "../code/doc.ts";
import { hardLine, indent, lines } from "../code/doc.ts";
import type { Check } from "./check.ts";

const running = "the service is running";

/** Statements after which the built service is removed, whatever they did. */
export function withBuilt(statements: readonly Doc[]): Doc {
  const body = indent([hardLine, lines(statements)]);
  const end = indent([hardLine, "built.remove();"]);
  return ["try {", body, hardLine, "} finally {", end, hardLine, "}"];
}

/** The service without any entity: what runs it must be able to watch and stop it. */
export const serviceChecks: readonly Check[] = [
  {
    key: "is-alive-and-ready",
    given: running,
    when: "its health and readiness are asked for",
    then: "both answer 200",
    title: "answers health and readiness",
    body: [
      'expect((await service.get("/healthz")).body).toEqual({ status: "ok" });',
      'expect((await service.get("/readyz")).body).toEqual({ status: "ready" });',
    ],
  },
  {
    key: "is-not-ready-while-draining",
    given: "the service is stopping or its database does not answer",
    when: "its readiness is asked for",
    then: "it answers 503 with a problem document, and health stays 200",
    title: "is not ready while it drains or without its database",
    body: [
      "service.lifecycle.draining = true;",
      'expectProblem(await service.get("/readyz"), 503);',
      "service.lifecycle.draining = false;",
      "service.database.close();",
      'expectProblem(await service.get("/readyz"), 503);',
      'expect((await service.get("/healthz")).status).toBe(200);',
    ],
  },
  {
    key: "measures-requests",
    given: "the service has answered a request",
    when: "its metrics are asked for",
    then: "the request is counted under its route in the Prometheus text format",
    title: "measures requests by route",
    body: [
      'await service.get("/healthz");',
      'const metrics = await service.get<string>("/metrics");',
      'expect(metrics.body).toContain(\'route="/healthz",status="200"} 1\');',
    ],
  },
  {
    key: "serves-its-api-document",
    given: running,
    when: "`/openapi.json` is asked for",
    then: "it answers with the OpenAPI 3.1 document that it validates with",
    title: "serves the API document",
    body: [
      'const document = await service.get("/openapi.json");',
      "expect(document.body).toEqual(contract.document);",
      'expect(document.body).toMatchObject({ openapi: "3.1.0" });',
    ],
  },
  {
    key: "refuses-as-problem-documents",
    given: running,
    when: "an unknown path or a method that is not served is asked for",
    then: "it answers 404 or 405 with a problem document; 405 names the methods that are served",
    title: "refuses unknown paths and methods with problem documents",
    body: [
      'expectProblem(await service.send("GET", "/nowhere"), 404);',
      'const refused = await service.send("DELETE", "/healthz");',
      "expectProblem(refused, 405);",
      'expect(refused.headers.get("allow")).toBe("GET");',
    ],
  },
  {
    key: "drains-when-told-to-stop",
    given: "a request is under way",
    when: "the process gets SIGTERM",
    then: "readiness fails, no connection is taken any more, the request is still answered, and the process ends with code 0",
    title: "finishes the request under way when it is told to stop",
    body: [
      "const built = await BuiltService.build();",
      withBuilt([
        'const running = await built.start({ DRAIN_DELAY_MS: "300" });',
        "const request = await SlowRequest.begin(running.url);",
        'running.signal("SIGTERM");',
        "expect(await readinessOf(running.url)).toBe(503);",
        "expect(await stopsListening(running.url)).toBe(true);",
        "expect(await request.finish()).toMatch(/^HTTP\\/1\\.1 4\\d\\d/);",
        "expect(await running.exited).toBe(0);",
      ]),
    ],
  },
  {
    key: "refuses-wrong-settings",
    given: "a setting that the service cannot work with",
    when: "it is started",
    then: "it ends with code 2 and says which setting is wrong",
    title: "refuses to start with a wrong setting",
    body: [
      "const built = await BuiltService.build();",
      withBuilt([
        'const { code, errors } = await built.fail({ PORT: "eighty" });',
        "expect(code).toBe(2);",
        'expect(errors).toContain("PORT must be a whole number");',
      ]),
    ],
  },
];
