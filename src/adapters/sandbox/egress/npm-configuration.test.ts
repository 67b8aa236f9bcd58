import { expect, it } from "vitest";
import type { ProcessRunner } from "../../../kernel/process.ts";
import { npmrcOf, readNpmConfiguration, registryHostsOf } from "./npm-configuration.ts";

function npmThatPrints(stdout: string): ProcessRunner {
  return {
    run: () =>
      Promise.resolve({
        end: { kind: "exited", exitCode: 0 },
        stdout,
        stderr: "",
        durationMs: 1,
      }),
  };
}
const read = (settings: unknown) =>
  readNpmConfiguration({ runner: npmThatPrints(JSON.stringify(settings)), environment: {} });

it("names the registries by host and port, without what logs in to them", async () => {
  const configuration = await read({
    registry: "https://user:secret@npm.example:8443/path/",
    "@corp:registry": "http://Corp.internal/",
    "strict-ssl": false,
  });
  expect(registryHostsOf(configuration)).toEqual(["corp.internal:80", "npm.example:8443"]);
  const npmrc = npmrcOf(configuration, "http://127.0.0.1:1");
  expect(npmrc).toContain("registry=https://npm.example:8443/path/\n");
  expect(npmrc).toContain("@corp:registry=http://corp.internal/\n");
  expect(npmrc).toContain("strict-ssl=false");
  expect(npmrc).not.toContain("secret");
});

it("names no registry when npm says nothing that can be understood", async () => {
  const configuration = await readNpmConfiguration({
    runner: npmThatPrints("npm: not found"),
    environment: {},
  });
  expect(registryHostsOf(configuration)).toEqual([]);
  expect(registryHostsOf(await read({ registry: "nonsense" }))).toEqual([]);
});
