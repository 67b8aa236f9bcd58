import { afterEach, beforeEach, expect, it } from "vitest";
import { Place } from "../support/cli.ts";
import { refuse } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { oneSumRun, toldCommand } from "../support/model-world/place.ts";

let place: Place;
let server: ModelServer | undefined;

beforeEach(async () => {
  place = await Place.create();
});
afterEach(async () => {
  await server?.close();
  await place.dispose();
});

it("a provider that answers 500 ends the run with exit 5, its last words and the way on", async () => {
  // Told to wait longer than it would, the program need not be watched while it tries.
  const gone = { code: "server_error", message: "the cluster is on fire" };
  server = await startModelServer(() => refuse(500, { "retry-after": "600" }, gone));
  const ran = await place.autosd(await oneSumRun(place, "openai-compatible", `${server.url}/v1`));
  expect(ran.code, ran.stdout).toBe(5);
  expect(ran.stdout).toContain("AUTOSD-MODEL-UNAVAILABLE");
  expect(ran.stdout).toContain("the cluster is on fire");
  expect(toldCommand(ran.stdout, /autosd runs resume run_\w+/)).toHaveLength(3);
});
