import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { SqlDatabase } from "../storage/database.ts";
import type { ApiContract } from "./contract.ts";
import { HttpProblem } from "./problem.ts";

export interface OperationsOptions {
  readonly database: SqlDatabase;
  readonly lifecycle: { readonly draining: boolean };
  /** Also measure the process itself: once a process, so not in tests. */
  readonly processMetrics?: boolean;
}

/** What running the service needs: health, readiness, metrics and the API document. */
export function operationsRoutes(
  app: FastifyInstance,
  contract: ApiContract,
  options: OperationsOptions,
): void {
  const metrics = measureRequests(app, options.processMetrics ?? false);
  contract.handle(app, "getHealth", () => ({ status: "ok" }));
  contract.handle(app, "getReadiness", () => {
    if (options.lifecycle.draining)
      throw new HttpProblem(503, "draining", "The service is stopping.");
    if (!options.database.answers())
      throw new HttpProblem(503, "database-unavailable", "The database does not answer.");
    return { status: "ready" };
  });
  contract.handle(app, "getMetrics", async (_input, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
  contract.handle(app, "getApiDocument", () => contract.document);
}

function measureRequests(app: FastifyInstance, processMetrics: boolean): Registry {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the arrival of a request to the end of its response.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    // The route, never the path: paths hold ids, and labels must stay few.
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: reply.statusCode };
    duration.observe(labels, reply.elapsedTime / 1000);
  });
  return registry;
}
