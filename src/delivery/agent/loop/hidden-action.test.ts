import fc from "fast-check";
import { expect, it } from "vitest";
import { hiddenAction } from "./hidden-action.ts";

const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    scripts: {
      ...{ test: "node --test", release: "sh scripts/release.sh", ship: "npm run release" },
      ...{
        build: "tsc",
        postbuild: "npm publish",
        loop: "npm run loop",
        deploy: "node deploy.mjs",
      },
    },
  }),
  "scripts/release.sh": "#!/bin/sh\nset -e\nnpm test\ngit push origin main\n",
  "scripts/plain.sh": "echo git push\n",
  "push.py": 'import subprocess\nsubprocess.run(["git", "push", "origin"], check=True)\n',
  "deploy.mjs": 'execFileSync("git", ["push", "--tags"]);\n',
  "exec.mjs": "execSync(`kubectl apply -f x.yaml`);\n",
  "words.mjs": 'console.log("push it with git", ["then", "push"]);\n',
  "run.py": "#!/usr/bin/env python3\n# git push\n",
};
const readText = async (path: string): Promise<string | undefined> =>
  Object.hasOwn(files, path) ? files[path] : undefined;

it.each([
  ["sh scripts/release.sh", "git push"],
  ["cd . && bash -eu ./scripts/release.sh || true", "git push"],
  ["./scripts/release.sh", "git push"],
  [". scripts/release.sh", "git push"],
  ["npm run release", "git push"],
  ["CI=1 pnpm run ship --if-present", "git push"],
  ["npm run -s build", "npm publish"],
  ["npm run deploy", "git push"],
  ["python3 push.py", "git push"],
  ["node exec.mjs", "kubectl"],
])("what %s would have done is found in what it runs", async (command, action) => {
  expect(await hiddenAction(command, readText)).toMatchObject({
    ...{ code: "AUTOSD-ACTION-DENIED", action },
  });
});

it.each([
  ...[
    "npm test",
    "npm run loop",
    "npm run absent",
    "npm ci",
    "sh scripts/plain.sh",
    "sh absent.sh",
  ],
  ...["node words.mjs", "cat scripts/release.sh", "./run.py", "sh", "node", "npm run"],
])("nothing is found in %s", async (command) => {
  expect(await hiddenAction(command, readText)).toBeUndefined();
});

it("ends for any command and any file", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[a-z"'`,[\] \n;$().\/-]{0,80}$/),
    fc.constantFrom("sh a", "npm run a", '{"scripts":{"a":"npm run a; sh a"}}', "{}", "null"),
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (command, file) => {
      const found = await hiddenAction(command, async () => file);
      expect(found === undefined || found.code === "AUTOSD-ACTION-DENIED").toBe(true);
    }),
  );
});

it("looks into each script once, however often it is called", async () => {
  let reads = 0;
  const many = "sh a\nnpm run b\nnode c\n".repeat(2_000);
  const found = await hiddenAction(many, async (path) => {
    reads += 1;
    return path === "package.json" ? JSON.stringify({ scripts: { b: many } }) : many;
  });
  expect(found).toBeUndefined();
  expect(reads).toBeLessThan(50_000);
});
