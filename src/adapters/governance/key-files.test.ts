import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyCalls } from "../../engine/preauth/create-key-calls.ts";
import type { KeyCalls } from "../../engine/preauth/key-calls.ts";
import type { GenesisLog } from "../../engine/preauth/key-services.ts";
import { recordedTrust, trustEntry } from "../../engine/preauth/trust-record.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import { exampleSigner } from "../../governance/keys/example-signers.ts";
import type { Keyring } from "../../governance/keys/keyring.port.ts";
import { renderPublicKeyFile } from "../../governance/keys/public-key-file.ts";
import {
  openTrust,
  sealTrust,
  trustDigest,
  trustedKeyOf,
} from "../../governance/keys/trust-list.ts";
import { systemEntropy } from "./entropy.ts";
import { createKeyFiles } from "./key-files.ts";
import { createMemoryAuditLog } from "./memory-audit-log.ts";
import type { AskSecret } from "./passphrase.ts";
import { readSharedFile } from "./shared-files.ts";
import { createSshAgent } from "./ssh-agent.ts";

const startMs = Date.UTC(2026, 0, 15);
const genesis = { origin: "autosd/test", vkey: "autosd/test+00000000+AQ==" };
let folder = "";
let home = "";
let nowMs = startMs;
let log: GenesisLog;
/** Makes the next append fail, after what was decided was done. */
let isLogFull = false;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-keys-"));
  home = join(folder, "home");
  nowMs = startMs;
  isLogFull = false;
  const memory = createMemoryAuditLog({ clock });
  log = {
    ...memory,
    ensureGenesis: async () => genesis,
    transact: (work) =>
      memory.transact(async (facts) => {
        const decided = await work(facts);
        if (isLogFull) throw new Error("no room");
        return decided;
      }),
  };
});
afterEach(() => rm(folder, { recursive: true }));

const clock = { now: () => nowMs, monotonicMs: () => nowMs };

/** As another process of autosd would: nothing is kept in memory. */
function keyring(secret: { readonly file?: string; readonly ask?: AskSecret } = {}): Keyring {
  return createKeyFiles({
    home,
    entropy: systemEntropy,
    clock,
    passphrase: { file: secret.file, ask: secret.ask },
    agent: createSshAgent(undefined),
    recorded: () => recordedTrust(log),
  });
}

function calls(keys: Keyring = keyring()): KeyCalls {
  return createKeyCalls({
    keyring: keys,
    log: async () => log,
    files: { read: readSharedFile },
    clock,
  });
}

const byOwner = { operator: "owner", signer: undefined };
const rotateAny = { kid: undefined, signer: undefined };

async function entries(): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const entry of log.entries({})) all.push(entry);
  return all;
}

async function everything(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true });
  const files = await Promise.all(
    [...names].sort().map(async (name) => {
      const stats = await stat(join(path, name));
      return `${name} ${(stats.mode & 0o777).toString(8)} ${stats.isFile() ? await readFile(join(path, name), "base64") : ""}`;
    }),
  );
  return files;
}

async function secondOperator(number = 7): Promise<string> {
  const { jwk } = await exampleSigner(number);
  const file = join(folder, `operator-${number}.jwk`);
  await writeFile(file, renderPublicKeyFile(jwk, "passphrase"));
  return file;
}

async function passphraseFile(text: string, mode = 0o600): Promise<string> {
  const file = join(folder, "passphrase");
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

test("init-keys makes a key, a trust list and entries that agree", async () => {
  const made = await calls().init(byOwner);
  expect(made).toMatchObject({
    operator: "owner",
    protection: "unprotected",
    origin: genesis.origin,
    genesis: genesis.vkey,
    trustVersion: 1,
  });
  const listed = await everything(join(home, "preauth"));
  expect(listed.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "keys 700",
    `keys/${made.kid}.key 600`,
    "trust 700",
    "trust.json 600",
    `trust/${made.kid}.jwk 600`,
  ]);
  expect((await entries()).map((entry) => [entry.kind, entry.actor.id])).toEqual([
    ["key.init", "owner"],
    ["trust.change", "owner"],
  ]);
  expect((await keyring().trust())?.keys).toMatchObject([
    { kid: made.kid, operator: "owner", protection: "unprotected" },
  ]);
  expect((await keyring().signer({})).kid).toBe(made.kid);
});

test("a second init-keys says so and changes nothing", async () => {
  await calls().init(byOwner);
  const before = await everything(home);
  await expect(calls().init(byOwner)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-KEYS" });
  expect(await everything(home)).toEqual(before);
  expect(await entries()).toHaveLength(2);
});

test("of init-keys started together, one makes the keys", async () => {
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => calls().init(byOwner)));
  expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  expect(await keyring().held()).toHaveLength(1);
  expect((await calls().trustList()).keys).toMatchObject([{ held: true }]);
});

test("init-keys leaves no key behind when the operator has no name that can be recorded", async () => {
  await expect(calls().init({ ...byOwner, operator: "not a name" })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
  });
  expect(await keyring().held()).toEqual([]);
});

test("init-keys refuses to begin anew when the log knows a trust list that is gone", async () => {
  await calls().init(byOwner);
  await rm(join(home, "preauth"), { recursive: true });
  await expect(calls().init(byOwner)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
});

test("a key with a passphrase signs with it only", async () => {
  const file = await passphraseFile("correct horse battery\nsecond line\n");
  const { kid, protection } = await calls(keyring({ file })).init(byOwner);
  expect(protection).toBe("passphrase");
  expect((await keyring({ file }).signer({ kid })).kid).toBe(kid);
  const ask = (answer: string) => async () => answer;
  expect((await keyring({ ask: ask("correct horse battery") }).signer({})).kid).toBe(kid);
  const rejected = [keyring(), keyring({ ask: ask("wrong") }), keyring({ ask: ask("") })];
  for (const keys of rejected)
    await expect(keys.signer({})).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-KEYS" });
});

test("on a terminal a new passphrase is typed twice, long enough, or no key is made", async () => {
  const answering = (answers: readonly string[]) => {
    const left = [...answers];
    return keyring({ ask: async () => left.shift() ?? "" });
  };
  await expect(
    calls(answering(["short", "long enough", "long enuogh", ""])).init(byOwner),
  ).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-KEYS" });
  expect(await keyring().held()).toEqual([]);
  const made = await calls(answering(["short", "long enough", "long enough"])).init(byOwner);
  expect(made.protection).toBe("passphrase");
});

test.each([
  ["others may read it", "correct horse battery", 0o640, "AUTOSD-PREAUTH-STORE"],
  ["it is too short", "1234567", 0o600, "AUTOSD-PREAUTH-KEYS"],
  ["its first line is empty", "\ncorrect horse", 0o600, "AUTOSD-PREAUTH-KEYS"],
  ["it is no text", "\u0000".repeat(5_000), 0o600, "AUTOSD-PREAUTH-STORE"],
])("refuses a passphrase file when %s", async (_name, text, mode, code) => {
  const file = await passphraseFile(text, mode);
  await expect(calls(keyring({ file })).init(byOwner)).rejects.toMatchObject({ code });
  expect(await keyring().held()).toEqual([]);
});

async function lose(): Promise<string> {
  const file = await passphraseFile("correct horse battery\n");
  const { kid } = await calls(keyring({ file })).init(byOwner);
  await rm(file);
  return kid;
}

test("keys that are lost are replaced on the same log, which says that nobody signed", async () => {
  const lost = await lose();
  await expect(calls().rotate(rotateAny)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-KEYS" });
  const replaced = await calls().replaceLost(byOwner);
  expect(replaced).toMatchObject({ operator: "owner", trustVersion: 2, lost: [lost] });
  const at = Math.floor(startMs / 1_000);
  const shown = await calls().trustList();
  expect(shown).toMatchObject({ version: 2, recoveries: [{ version: 2, at }] });
  expect(shown.keys.map(({ kid }) => kid)).toEqual([replaced.kid]);
  const recorded = (await entries()).slice(-2);
  expect(recorded.map(({ kind, action }) => [kind, action])).toEqual([
    ["key.rotate", "recover"],
    ["trust.change", "recover"],
  ]);
  expect(recorded[0]?.details).toMatchObject({ lost: [lost], kid: replaced.kid });
  // It stays visible after changes that were signed.
  const rotated = await calls().rotate(rotateAny);
  expect(rotated.trustVersion).toBe(3);
  expect((await calls().trustList()).recoveries).toEqual([{ version: 2, at }]);
});

test("keys are lost, too, when the list is gone or damaged or a recovery was cut off", async () => {
  await lose();
  await rm(join(home, "preauth", "trust.json"));
  await expect(calls().init(byOwner)).rejects.toMatchObject({
    remedy: expect.stringContaining("--replace-lost") as string,
  });
  isLogFull = true;
  await expect(calls().replaceLost(byOwner)).rejects.toThrow("no room");
  isLogFull = false;
  await expect(calls().trustList()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  expect(await calls().replaceLost(byOwner)).toMatchObject({ trustVersion: 2 });
  expect((await calls().trustList()).version).toBe(2);
});

test("keys are not lost while somebody can sign, or when there never were any", async () => {
  await expect(calls().replaceLost(byOwner)).rejects.toMatchObject({
    remedy: "autosd preauth init-keys",
  });
  const { kid } = await calls().init(byOwner);
  const before = await everything(home);
  await expect(calls().replaceLost(byOwner)).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-KEYS",
    message: expect.stringContaining(kid) as string,
  });
  expect(await everything(home)).toEqual(before);
  const second = { file: await secondOperator(), operator: "second", role: "operator" } as const;
  await calls().trustAdd({ ...second, expiresInDays: undefined, signer: undefined });
  await rm(join(home, "preauth", "keys", `${kid}.key`));
  await expect(calls().replaceLost(byOwner)).rejects.toMatchObject({
    message: expect.stringContaining("second") as string,
  });
});

test("rotate-keys retires the key at the size of the log and removes its private half", async () => {
  const made = await calls().init(byOwner);
  await log.transact(async () => ({
    append: [{ kind: "intent", actor: { type: "system", id: "x" } }],
    value: undefined,
  }));
  const rotated = await calls().rotate(rotateAny);
  expect(rotated).toMatchObject({
    retired: made.kid,
    operator: "owner",
    lastValidSeq: 3,
    trustVersion: 2,
  });
  expect(await keyring().held()).toEqual([rotated.kid]);
  expect((await calls().trustList()).keys).toMatchObject([
    { kid: made.kid, lastValidSeq: 3, held: false },
    { kid: rotated.kid, lastValidSeq: null, held: true },
  ]);
  expect((await entries()).slice(3).map((entry) => entry.kind)).toEqual([
    "key.rotate",
    "trust.change",
  ]);
  await expect(calls().rotate({ ...rotateAny, kid: made.kid })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-KEYS",
  });
  const trust = await readFile(join(home, "preauth", "trust.json"));
  const opened = openTrust(trust);
  expect(opened.kind === "trusted" ? opened.signers.map((key) => key.kid) : []).toEqual([
    made.kid,
    rotated.kid,
  ]);
});

test("a rotation that nothing came of leaves the old key in use", async () => {
  const made = await calls().init(byOwner);
  const failing = keyring();
  await expect(
    calls({
      ...failing,
      saveTrust: async () => {
        throw new Error("no room");
      },
    }).rotate(rotateAny),
  ).rejects.toThrow("no room");
  expect(await keyring().held()).toEqual([made.kid]);
  expect((await keyring().signer({})).kid).toBe(made.kid);
});

test("a list that was saved and not recorded is believed, and recorded with the next change", async () => {
  await calls().init(byOwner);
  isLogFull = true;
  const file = await secondOperator();
  const add = { file, operator: "second", role: "operator", expiresInDays: undefined } as const;
  await expect(calls().trustAdd({ ...add, signer: undefined })).rejects.toThrow("no room");
  isLogFull = false;
  expect(await calls().trustList()).toMatchObject({ version: 2 });
  await calls().rotate(rotateAny);
  expect((await entries()).map((entry) => entry.action ?? entry.kind)).toEqual([
    "key.init",
    "init",
    "recovered",
    "key.rotate",
    "rotate",
  ]);
  expect((await keyring().trust())?.version).toBe(3);
});

test("trust add and remove are signed, recorded and bounded", async () => {
  await calls().init(byOwner);
  const { kid } = await exampleSigner(7);
  const file = await secondOperator();
  const add = { file, operator: "second", role: "operator", signer: undefined } as const;
  const added = await calls().trustAdd({ ...add, expiresInDays: 2 });
  expect(added).toMatchObject({
    version: 2,
    key: { kid, operator: "second", protection: "passphrase", notAfter: startMs / 1_000 + 172_800 },
  });
  await expect(calls().trustAdd({ ...add, expiresInDays: undefined })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
  });
  expect(await calls().trustRemove({ kid, signer: undefined })).toMatchObject({ version: 3 });
  expect(await readdir(join(home, "preauth", "trust"))).toHaveLength(1);
  expect((await entries()).slice(2).map((entry) => entry.action)).toEqual(["add", "remove"]);
});

test("the last operator's key cannot be removed, nor a key by itself", async () => {
  const { kid } = await calls().init(byOwner);
  const remove = { kid, signer: undefined };
  await expect(calls().trustRemove(remove)).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
    message: expect.stringContaining("No operator would be left") as string,
  });
  const file = await secondOperator();
  const add = { file, operator: "second", role: "operator", expiresInDays: undefined } as const;
  await calls().trustAdd({ ...add, signer: undefined });
  await expect(calls().trustRemove(remove)).rejects.toMatchObject({
    message: expect.stringContaining("its own removal") as string,
  });
});

test("a key that is not trusted signs no list and cannot be rotated", async () => {
  await calls().init(byOwner);
  const own = await keyring().signer({});
  const stray = await keyring().create();
  await expect(calls().trustRemove({ kid: own.kid, signer: stray.kid })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
  });
  await expect(calls().rotate({ kid: stray.kid, signer: undefined })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-KEYS",
  });
});

test("an older list that is put back is not believed", async () => {
  await calls().init(byOwner);
  const path = join(home, "preauth", "trust.json");
  const old = await readFile(path);
  await calls().rotate(rotateAny);
  await writeFile(path, old);
  await expect(keyring().trust()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  await expect(calls().trustList()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
});

test("a list that somebody signed with a key of his own is not believed", async () => {
  await calls().init(byOwner);
  const trusted = await keyring().trustFile();
  if (trusted === undefined) throw new Error("there is no list");
  const stranger = await exampleSigner(9);
  const key = trustedKeyOf(stranger, "owner", ["operator"], null);
  for (const version of [1, 2, 3]) {
    const seized = { ...trusted.trust, version, keys: [...trusted.trust.keys, key] };
    const bytes = await sealTrust(seized, [stranger]);
    await writeFile(join(home, "preauth", "trust.json"), bytes);
    await expect(keyring().trust()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  }
});

test("a list is not seized by whoever writes the log as well; as a recovery it is named for ever", async () => {
  await calls().init(byOwner);
  const trusted = await keyring().trustFile();
  if (trusted === undefined) throw new Error("there is no list");
  const stranger = await exampleSigner(9);
  const keys = [trustedKeyOf(stranger, "owner", ["operator"], null)];
  const seized = { ...trusted.trust, version: 2, keys };
  await writeFile(join(home, "preauth", "trust.json"), await sealTrust(seized, [stranger]));
  const record = (action: string) =>
    log.transact(async () => ({
      append: [trustEntry("owner", { trust: seized, digest: trustDigest(seized) }, action)],
      value: undefined,
    }));
  await record("rotate");
  await expect(keyring().trust()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  await record("recover");
  const recoveries = [{ version: 2, at: Math.floor(startMs / 1_000) }];
  expect((await keyring().trust())?.recoveries).toEqual(recoveries);
  expect((await calls().trustList()).recoveries).toEqual(recoveries);
});

test("nothing is read from a folder or a key file that is not safely this user's", async () => {
  const { kid } = await calls().init(byOwner);
  const path = join(home, "preauth", "keys", `${kid}.key`);
  const store = { code: "AUTOSD-PREAUTH-STORE" };
  await chmod(path, 0o644);
  await expect(keyring().signer({ kid })).rejects.toMatchObject(store);
  await rm(path);
  await symlink("/dev/null", path);
  await expect(keyring().signer({ kid })).rejects.toMatchObject(store);
  await chmod(join(home, "preauth", "keys"), 0o755);
  await expect(keyring().held()).rejects.toMatchObject(store);
  await chmod(join(home, "preauth"), 0o770);
  await expect(keyring().trust()).rejects.toMatchObject(store);
});

test("a key file with another name, or with other content, is refused", async () => {
  const { kid } = await calls().init(byOwner);
  const other = await exampleSigner(3);
  const keys = join(home, "preauth", "keys");
  await writeFile(join(keys, `${other.kid}.key`), await readFile(join(keys, `${kid}.key`)), {
    mode: 0o600,
  });
  await expect(keyring().signer({ kid: other.kid })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-STORE",
  });
  await writeFile(join(keys, `${kid}.key`), "{}");
  await expect(keyring().signer({ kid })).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  await expect(keyring().signer({ kid: "../../trust" })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-KEYS",
  });
});

test("what is no key in the folder is no key", async () => {
  const { kid } = await calls().init(byOwner);
  const keys = join(home, "preauth", "keys");
  await mkdir(join(keys, "x.key"), { mode: 0o700 });
  await writeFile(join(keys, ".notes.0123456789ab.tmp"), "half", { mode: 0o600 });
  expect(await keyring().held()).toEqual([kid]);
});

test("verify tells whether a trust list holds, with nothing but the file", async () => {
  await calls().init(byOwner);
  const file = join(home, "preauth", "trust.json");
  const offline = createKeyCalls({
    keyring: createKeyFiles({
      home: join(folder, "elsewhere"),
      entropy: systemEntropy,
      clock,
      passphrase: { file: undefined, ask: undefined },
      agent: createSshAgent(undefined),
      recorded: () => Promise.reject(new Error("there is no log here")),
    }),
    log: () => Promise.reject(new Error("there is no log here")),
    files: { read: readSharedFile },
    clock,
  });
  expect(await offline.verifyFile({ file, trustFile: undefined })).toMatchObject({
    ok: true,
    type: "trust",
    name: "trust@1",
  });
  const bytes = await readFile(file);
  const changed = join(folder, "changed.json");
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
  await writeFile(changed, bytes);
  expect(await offline.verifyFile({ file: changed, trustFile: undefined })).toMatchObject({
    ok: false,
    type: "trust",
    failures: [{ reason: expect.stringMatching(/signature|noncanonical|malformed/) as string }],
  });
  const grant = join(folder, "grant.json");
  await writeFile(grant, "{}");
  expect(await offline.verifyFile({ file: grant, trustFile: file })).toMatchObject({
    ok: false,
    type: "grant",
    failures: [{ reason: "malformed" }],
  });
  await expect(offline.verifyFile({ file: grant, trustFile: undefined })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-KEYS",
  });
  await expect(offline.verifyFile({ file: grant, trustFile: grant })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
  });
  const missing = join(folder, "missing");
  await expect(offline.verifyFile({ file: missing, trustFile: file })).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-INPUT",
  });
  expect(await readdir(folder)).not.toContain("elsewhere");
});
