import type { Fault } from "../domain/fault.ts";

interface ProblemOptions {
  readonly faults?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that a client is told about, as RFC 9457 describes it. */
export class HttpProblem extends Error {
  readonly status: number;
  /** Stable and kebab-case: what clients may branch on. */
  readonly kind: string;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, kind: string, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.name = "HttpProblem";
    this.status = status;
    this.kind = kind;
    this.faults = options.faults ?? [];
    this.headers = options.headers ?? {};
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Content too large",
  415: "Unsupported media type",
  422: "Unprocessable content",
  500: "Internal server error",
  503: "Service unavailable",
};

/** The body of an `application/problem+json` response. */
export function problemBody(problem: HttpProblem): Readonly<Record<string, unknown>> {
  return {
    type: `urn:problem:${problem.kind}`,
    title: titles[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    ...(problem.faults.length > 0 && { errors: problem.faults }),
  };
}

export function notFound(what: string, id: string): HttpProblem {
  return new HttpProblem(404, "not-found", `There is no ${what} with the id ${id}.`);
}

export function conflict(detail: string): HttpProblem {
  return new HttpProblem(409, "conflict", detail);
}

/** Throws one problem that names every field whose value is taken; returns when there is none. */
export function refuseTaken(taken: readonly Fault[]): void {
  if (taken.length === 0) return;
  throw new HttpProblem(409, "conflict", "A unique value is already taken.", { faults: taken });
}

/** Throws one problem that names every fault; returns when there is none. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  throw new HttpProblem(422, "invalid-content", "The content breaks the rules.", { faults });
}
