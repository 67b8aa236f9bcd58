import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContract } from "./contract.ts";
import { HttpProblem } from "./problem.ts";

/** Lets a request pass that carries one of the tokens, or whose operation is open to everybody. */
export function requireTokens(
  app: FastifyInstance,
  contract: ApiContract,
  tokens: readonly string[],
  publicReads: boolean,
): void {
  const digests = tokens.map(digestOf);
  const openPaths = new Set(
    [...contract.operations.values()]
      .filter(({ definition }) => definition.security?.length === 0)
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  );
  app.addHook("onRequest", async (request) => {
    if (isOpen(request, openPaths, publicReads) || carriesToken(request, digests)) return;
    throw new HttpProblem(401, "unauthorized", "Send a valid token.", {
      headers: { "www-authenticate": 'Bearer realm="api"' },
    });
  });
}

/** Also for paths that do not exist: who has no token does not learn which do. */
function isOpen(
  request: FastifyRequest,
  openPaths: ReadonlySet<string>,
  publicReads: boolean,
): boolean {
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (publicReads && method === "GET") return true;
  return openPaths.has(`${method} ${request.routeOptions.url ?? ""}`);
}

function carriesToken(request: FastifyRequest, digests: readonly Buffer[]): boolean {
  const sent = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (sent === undefined) return false;
  const digest = digestOf(sent);
  // Every token is compared, in constant time: the time taken tells nothing about them.
  return digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
}

/** Digests have one length, whatever the tokens have. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
