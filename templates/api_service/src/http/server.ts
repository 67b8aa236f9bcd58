import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyServerOptions,
} from "fastify";
import type { ApiContract } from "./contract.ts";
import { HttpProblem, problemBody } from "./problem.ts";

const maxBodyBytes = 1024 * 1024;
const requestTimeoutMs = 30_000;

/** An HTTP server without routes that answers every fault with a problem document. */
export function createServer(
  contract: ApiContract,
  logger: FastifyServerOptions["logger"],
): FastifyInstance {
  const app = Fastify({
    logger: logger ?? false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    // Requests in flight are answered; idle connections do not hold up a stop.
    forceCloseConnections: "idle",
  });
  readBodies(app);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    return reply
      .code(problem.status)
      .headers(problem.headers)
      .type("application/problem+json")
      .send(JSON.stringify(problemBody(problem)));
  });
  app.setNotFoundHandler((request) => {
    const pathname = request.url.split("?")[0] ?? "";
    const methods = contract.methodsOf(pathname);
    if (methods.length === 0)
      throw new HttpProblem(404, "no-such-route", `There is nothing at ${pathname}.`);
    throw new HttpProblem(405, "method-not-allowed", `${request.method} is not served here.`, {
      headers: { allow: methods.join(", ") },
    });
  });
  return app;
}

/** JSON and CSV bodies; an empty one is no body at all, whatever its declared type. */
function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string" },
    (request, body: string, done) => {
      if (body === "") done(null, undefined);
      else parse(request, body, done);
    },
  );
  app.addContentTypeParser("text/csv", { parseAs: "string" }, (_request, body, done) => {
    done(null, body);
  });
}

function problemOf(error: FastifyError | HttpProblem): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = error.statusCode ?? 500;
  switch (status) {
    case 413:
      return new HttpProblem(413, "content-too-large", "The content is too large.");
    case 415:
      return new HttpProblem(415, "unsupported-media-type", "This media type is not accepted.");
    case 503:
      return new HttpProblem(503, "unavailable", "The service is stopping.");
    default:
      return status >= 400 && status < 500
        ? new HttpProblem(status, "bad-request", error.message)
        : new HttpProblem(500, "internal", "The service failed. The log says why.");
  }
}
