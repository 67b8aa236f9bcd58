import { expect, test } from "vitest";
import type { Autosd } from "../../engine/autosd.ts";
import { answeringEngine } from "../example-answers.ts";
import { runInMemory } from "../memory-context.ts";

type Keys = Autosd["keys"];
type Input<C extends Exclude<keyof Keys, "trustList">> = Parameters<Keys[C]>[0];

/** The engine's answers, and what it was asked. */
function asked(): { readonly engine: Partial<Autosd>; readonly inputs: unknown[] } {
  const { keys } = answeringEngine();
  const inputs: unknown[] = [];
  const noting =
    <I, O>(call: (input: I) => Promise<O>) =>
    (input: I) => {
      inputs.push(input);
      return call(input);
    };
  const noted: Keys = {
    init: noting((input: Input<"init">) => keys.init(input)),
    replaceLost: noting((input: Input<"replaceLost">) => keys.replaceLost(input)),
    rotate: noting((input: Input<"rotate">) => keys.rotate(input)),
    trustList: () => keys.trustList(),
    trustAdd: noting((input: Input<"trustAdd">) => keys.trustAdd(input)),
    trustRemove: noting((input: Input<"trustRemove">) => keys.trustRemove(input)),
    verifyFile: noting((input: Input<"verifyFile">) => keys.verifyFile(input)),
  };
  return { engine: { keys: noted }, inputs };
}

test("init-keys shows what must be kept, and warns of a key that nothing protects", async () => {
  const { engine, inputs } = asked();
  const text = await runInMemory(["preauth", "init-keys"], engine);
  expect(text.exitCode).toBe(0);
  for (const part of ["kPrK_qmxVWaYVA9wwBF6", "unprotected", "autosd/test+00000000+AQ=="])
    expect(text.stdout).toContain(part);
  expect(text.stdout).toContain("whoever can read your files can sign with it");
  const json = await runInMemory(["preauth", "init-keys", "--json", "--operator", "a"], engine);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: "autosd/keys@1", trustVersion: 1 });
  expect(inputs).toEqual([
    { operator: "owner", signer: undefined },
    { operator: "a", signer: undefined },
  ]);
});

test("init-keys --replace-lost says what counts no more, and trust list that it was so", async () => {
  const { engine } = asked();
  const line = ["preauth", "init-keys", "--replace-lost", "--force"];
  const text = await runInMemory(line, engine);
  expect(text.stdout).toMatch(/nothing that l{43} signed counts/);
  const json = await runInMemory([...line, "--json"], engine);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: "autosd/keys-replaced@1" });
  const list = await runInMemory(["preauth", "trust", "list"], engine);
  expect(list.stdout).toContain("version 2 was made without a signature of the one before");
});

test.each([
  [["preauth", "rotate-keys"]],
  [["preauth", "init-keys", "--replace-lost"]],
  [["preauth", "trust", "remove", "somekid"]],
])("%j asks first, and does nothing when nobody can answer or the answer is no", async (args) => {
  const { engine, inputs } = asked();
  expect((await runInMemory(args, engine)).exitCode).toBe(2);
  const no = await runInMemory(args, engine, { isTerminal: true, answer: "n" });
  expect(no.exitCode).toBe(3);
  expect(inputs).toEqual([]);
  expect((await runInMemory([...args, "--force"], engine)).exitCode).toBe(0);
  const yes = await runInMemory(args, engine, { isTerminal: true, answer: "y" });
  expect(yes.exitCode).toBe(0);
  expect(inputs).toHaveLength(2);
});

test("trust list is a table, and one document", async () => {
  const { engine } = asked();
  const text = await runInMemory(["preauth", "trust", "list"], engine);
  expect(text.stdout).toMatch(/owner +operator +unprotected +in use +yes/);
  const json = await runInMemory(["preauth", "trust", "list", "--json"], engine);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: "autosd/trust@1", version: 2 });
});

test("trust add hands over what was typed, and wants an operator", async () => {
  const { engine, inputs } = asked();
  const add = ["preauth", "trust", "add", "k.jwk"];
  expect((await runInMemory(add, engine)).exitCode).toBe(2);
  const more = ["--operator", "second", "--role", "agent", "--expires-in-days", "3"];
  expect((await runInMemory([...add, ...more], engine)).stdout).toContain("second");
  expect(inputs).toEqual([
    { file: "k.jwk", operator: "second", role: "agent", expiresInDays: 3, signer: undefined },
  ]);
});

test("verify exits 3 when a file does not hold, and says why", async () => {
  const { engine } = asked();
  const args = ["preauth", "verify", "grant.json", "--trust-file", "trust.json"];
  const text = await runInMemory(args, engine);
  expect(text.exitCode).toBe(3);
  expect(text.stdout).toContain("The signature is not genuine. (signature)");
  const json = await runInMemory([...args, "--json"], engine);
  expect(json.exitCode).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, type: "grant" });
});
