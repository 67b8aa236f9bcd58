import type { FastifyInstance } from "fastify";
import { type AppOptions, createApp } from "../../src/app.ts";

type TestOptions = AppOptions;

/** The service as the tests run it. */
export function createTestApp(options: TestOptions): FastifyInstance {
  return createApp(options);
}
