import { expect, it } from "vitest";
import { pipConfigurationOf, readPipConfiguration } from "./pip-configuration.ts";

it("names the public index and where its files are when nobody says otherwise", async () => {
  const found = await readPipConfiguration({
    runner: {
      run: async () => ({
        end: { kind: "not-started", reason: "python3 was not found" },
        ...{ stdout: "", stderr: "", durationMs: 1 },
      }),
    },
    environment: {},
  });
  expect(found.hosts).toEqual(["files.pythonhosted.org:443", "pypi.org:443"]);
  expect(found.environment).toMatchObject({
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: "https://pypi.org/simple",
  });
});

it("reads what pip is told, the more special the more it counts, without what logs in", () => {
  const found = pipConfigurationOf(
    [
      "global.index-url='https://user:secret@one.example/simple'",
      "global.extra-index-url='\\nhttp://Two.example:8080/simple\\nfile:///srv/simple'",
      "install.find-links='/srv/wheels /srv/simple'",
      ":env:.timeout='3'",
    ].join("\n"),
    { PIP_TRUSTED_HOST: "two.example", PIP_INDEX_URL: "" },
  );
  expect(found.hosts).toEqual(["one.example:443", "two.example:8080"]);
  expect(found.folders).toEqual([
    { hostPath: "/srv/simple", path: "/pip-sources/0" },
    { hostPath: "/srv/wheels", path: "/pip-sources/1" },
  ]);
  expect(found.environment).toEqual({
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: "https://one.example/simple",
    PIP_EXTRA_INDEX_URL: "http://two.example:8080/simple file:///pip-sources/0",
    PIP_FIND_LINKS: "/pip-sources/1 /pip-sources/0",
    PIP_TRUSTED_HOST: "two.example",
  });
  expect(JSON.stringify(found)).not.toContain("secret");
});

it("reaches no host when pip is told to use no index", () => {
  const found = pipConfigurationOf("global.index-url='https://one.example/'", {
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: "/srv/wheels",
  });
  expect(found.hosts).toEqual([]);
  expect(found.environment).not.toHaveProperty("PIP_INDEX_URL");
});
