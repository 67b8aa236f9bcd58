import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { probeSandboxes } from "../../../src/adapters/sandbox/create-sandbox.ts";
import { sandboxContract } from "../../../src/delivery/agent/sandbox.contract.ts";
import { confinementSuite, controlSuite } from "./confinement.ts";
import { resourceSuite } from "./resources.ts";
import { egressSuite } from "./egress.ts";
import { reportUnavailable } from "../../support/report-unavailable.ts";
import { openHarness, sandboxOptions, temporaryFolder } from "./harness.ts";

const folder = await temporaryFolder();
const probes = await probeSandboxes(sandboxOptions(folder, "auto"));
await rm(folder, { recursive: true, force: true });

sandboxContract("none", () => openHarness("none"));
controlSuite();

for (const { backend, usable, finding, remedy } of probes) {
  if (!usable) {
    describe(`sandbox ${backend}`, () => {
      it("is reported, because this machine cannot run it", () => {
        // A sandbox that starts and leaks is a defect of autosd, not of the machine.
        expect(finding).toMatch(/not found|No such file|not permitted|denied|No space left/i);
        reportUnavailable(`sandbox ${backend}`, `${finding}. ${remedy ?? ""}`);
      });
    });
    continue;
  }
  sandboxContract(backend, () => openHarness(backend));
  confinementSuite(backend);
  resourceSuite(backend);
  egressSuite(backend);
}
