import type { FastifyInstance, FastifyServerOptions } from "fastify";
import { ApiContract } from "./http/contract.ts";
import { type OperationsOptions, operationsRoutes } from "./http/operations.ts";
import { createServer } from "./http/server.ts";

export interface AppOptions extends OperationsOptions {
  /** Default: `openapi.json` of the project. */
  readonly contract?: ApiContract;
  readonly logger?: FastifyServerOptions["logger"];
}

/** Builds the service. Opens no port and listens to no signal: that is left to main. */
export function createApp(options: AppOptions): FastifyInstance {
  const contract = options.contract ?? ApiContract.load();
  const app = createServer(contract, options.logger);
  operationsRoutes(app, contract, options);
  return app;
}
