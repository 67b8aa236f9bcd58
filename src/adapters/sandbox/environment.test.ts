import { expect, it } from "vitest";
import { sandboxEnvironment } from "./environment.ts";

it("puts the Node of autosd before the system's and after the command's own folders", () => {
  const path = (added: Record<string, string>) =>
    sandboxEnvironment("/home/me/.nvm/v20/bin/node", added)["PATH"];
  expect(path({ PATH: "/workspace/node_modules/.bin:/usr/local/bin:/usr/bin" })).toBe(
    "/workspace/node_modules/.bin:/home/me/.nvm/v20/bin:/usr/local/bin:/usr/bin",
  );
  expect(path({})).toMatch(/^\/home\/me\/\.nvm\/v20\/bin:\/usr\/local\/sbin:/);
  expect(path({ PATH: "/home/me/.nvm/v20/bin:/x" })).toBe("/home/me/.nvm/v20/bin:/x");
});

it("drops variables that would change the tools which build the sandbox", () => {
  const env = sandboxEnvironment("/usr/bin/node", {
    LD_PRELOAD: "/workspace/evil.so",
    BASH_ENV: "/workspace/evil",
    PERL5OPT: "-Mevil",
    KEPT: "1",
  });
  expect(Object.keys(env).filter((name) => /^(LD_|BASH|PERL)/.test(name))).toEqual([]);
  expect(env["KEPT"]).toBe("1");
});

it("lets a command set its own home but never leaves one of autosd's", () => {
  expect(sandboxEnvironment("/usr/bin/node", {})["HOME"]).toBe("/tmp/home");
});
