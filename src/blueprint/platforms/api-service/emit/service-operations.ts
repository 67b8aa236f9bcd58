import type { JsonSchema } from "../field-schema.ts";
import type { Scope } from "../scope.ts";
import type { OperationSpec, Part } from "./openapi-parts.ts";
import { jsonContent } from "./openapi-parts.ts";

const open = { tag: "operations", method: "get", access: "open" } as const;

/** Health, readiness, metrics and the document itself: what runs the service asks these. */
export function serviceOperations(scope: Scope): readonly OperationSpec[] {
  const state = (value: string): JsonSchema => ({
    type: "object",
    properties: { status: { type: "string", const: value } },
    required: ["status"],
  });
  const specs: readonly (readonly [string, string, string, string, Part])[] = [
    ["/healthz", "getHealth", "Is the process alive?", "It is.", jsonContent(state("ok"))],
    ["/readyz", "getReadiness", "Can it take requests?", "It can.", jsonContent(state("ready"))],
    [
      "/metrics",
      "getMetrics",
      "Measurements in the Prometheus text format",
      "The measurements.",
      { "text/plain": { schema: { type: "string" } } },
    ],
    [
      "/openapi.json",
      "getApiDocument",
      "This document",
      "The API document.",
      jsonContent({ type: "object" }),
    ],
  ];
  return specs.map(([path, operationId, summary, description, content]) => ({
    ...open,
    access: scope.access === undefined ? ("unrestricted" as const) : ("open" as const),
    path,
    operationId,
    summary,
    success: { status: 200, response: { description, content } },
    refusals: operationId === "getReadiness" ? [503] : [],
  }));
}
