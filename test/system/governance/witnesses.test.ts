import { createHash, randomBytes } from "node:crypto";
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import { createHandedFiles } from "../../../src/adapters/governance/handed-files.ts";
import { createWitnessClient } from "../../../src/adapters/governance/witness-client.ts";
import {
  readWitnessPolicy,
  witnessPolicyPath,
} from "../../../src/adapters/governance/witness-policy-file.ts";
import type { AuditCalls } from "../../../src/engine/audit/audit-calls.ts";
import { createAuditCalls } from "../../../src/engine/audit/create-audit-calls.ts";
import type { AuditTrail } from "../../../src/governance/audit/audit-trail.port.ts";
import type { EntryKind } from "../../../src/governance/audit/entry.ts";
import {
  type Answer,
  cosign,
  startWitness,
  type TestWitness,
  witnessVkey,
} from "../../support/witness-server.ts";

/** For honest witnesses, on a machine that has other things to do. */
const timeoutMs = 8_000;
const impatient = createWitnessClient({ timeoutMs: 750 });
const eastSecret = new Uint8Array(32).fill(1);
const westSecret = new Uint8Array(32).fill(2);
const otherSecret = new Uint8Array(32).fill(3);
const eastName = "witness.example/east";

let root = "";
let nowMs = 0;
let east: TestWitness;
let west: TestWitness;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-witnesses-"));
  nowMs = Date.UTC(2026, 0, 31, 10);
  east = await startWitness(eastName, eastSecret);
  west = await startWitness("witness.example/west", westSecret);
  for (const witness of [east, west]) witness.timeS = () => Math.floor(nowMs / 1_000);
});
afterEach(async () => {
  await Promise.all([east.close(), west.close()]);
  await rm(root, { recursive: true });
});

interface Place {
  readonly home: string;
  readonly log: AuditTrail;
  readonly calls: AuditCalls;
}

function open(name = "home", witnesses = createWitnessClient({ timeoutMs })): Place {
  const home = join(root, name);
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const log = createAuditLog({
    ...{ home, logFile: join(home, "audit.log.jsonl"), clock },
    entropy: { bytes: (count) => randomBytes(count) },
  });
  const calls = createAuditCalls({
    ...{ audit: log, clock, files: createHandedFiles(root) },
    trust: async () => undefined,
    grants: async () => ({ list: async () => [], read: async () => undefined }),
    witnesses,
    witnessPolicy: { path: witnessPolicyPath(home), read: () => readWitnessPolicy(home) },
  });
  return { home, log, calls };
}

async function append({ log }: Place, entries = 1, kind: EntryKind = "halt"): Promise<void> {
  for (let index = 0; index < entries; index += 1)
    await log.transact(async () => ({
      append: [{ kind, actor: { type: "operator", id: "owner" }, project: `p${index}` }],
      value: undefined,
    }));
}

/** A log with entries, whose two witnesses know it. */
async function begin(quorum = "group both all east west\nquorum both\n"): Promise<Place> {
  const place = open();
  await append(place, 5);
  const vkey = await place.calls.witnessKey();
  for (const witness of [east, west]) witness.trust(vkey);
  await writePolicy(place, `log ${vkey}\n`, quorum);
  return place;
}

function writePolicy({ home }: Place, head: string, quorum: string): Promise<void> {
  const lines = `witness east ${east.vkey} ${east.url}\nwitness west ${west.vkey} ${west.url}/\n`;
  return writeFile(witnessPolicyPath(home), `# Who watches\n${head}${lines}${quorum}`);
}

const submit = ({ calls }: Place) => calls.submit({ signal: new AbortController().signal });
const verify = ({ calls }: Place, ...files: string[]) => calls.verify({ files });
const repliesOf = async (place: Place) =>
  Object.fromEntries((await submit(place)).replies.map((reply) => [reply.witness, reply]));

describe("a log with witnesses", () => {
  it("is cosigned by each, holds to what a quorum cosigned, and says who saw what and when", async () => {
    const place = await begin();
    const first = await submit(place);
    expect(first).toMatchObject({ isQuorum: true, contradicted: false, missing: undefined });
    expect(first.replies.map(({ kind }) => kind)).toEqual(["cosigned", "cosigned"]);
    const { origin, size } = first.checkpoint;
    expect(east.seen(origin)?.size).toBe(size);
    const anchors = await place.calls.anchors();
    expect(anchors).toMatchObject([{ by: "witnesses" }]);
    const verified = await verify(place);
    expect(verified.failures).toEqual([]);
    expect(verified).toMatchObject({ witnessedSize: size });
    expect(verified.witnesses).toMatchObject([
      { witness: "east", size, atMs: nowMs },
      { witness: "west", size, atMs: nowMs },
    ]);
    expect(verified.established.join("\n")).toContain(
      `Witness east saw the first ${size} entries, at 2026-01-31T10:00:00.000Z`,
    );
    expect(verified.notEstablished.join("\n")).toContain(
      `That a quorum has seen entries from number ${size} on.`,
    );
    const [entry] = await lastOf(place);
    expect(entry).toMatchObject({
      kind: "anchor",
      details: { size, witnesses: ["east", "west"], quorum: true },
    });
  });

  it("proves every later head from what the witness has seen, across epochs, in one request each", async () => {
    const place = await begin();
    for (let round = 0; round < 8; round += 1) {
      await append(place, round * 3);
      // A new epoch key every round; the key that witnesses know stays.
      nowMs += 25 * 3_600_000;
      expect(await submit(place)).toMatchObject({ isQuorum: true });
    }
    // Only the first asked what the witness had seen, and it had seen nothing.
    expect(east.requests.length).toBe(8);
    expect((await verify(place)).failures).toEqual([]);
  });

  it("asks once more from the size that a witness names", async () => {
    const place = await begin();
    const { checkpoint } = await submit(place);
    await append(place, 3);
    await rm(join(place.home, "audit", "checkpoints"));
    expect(await submit(place)).toMatchObject({ isQuorum: true });
    const [, first = "", second = ""] = east.requests;
    expect(first.startsWith("old 0\n\n")).toBe(true);
    expect(second.startsWith(`old ${checkpoint.size}\n`)).toBe(true);
  });

  it("gives a third party a checkpoint that needs nothing but the policy", async () => {
    const place = await begin();
    const { checkpoint } = await submit(place);
    const { note } = await place.calls.checkpointAt(checkpoint.size);
    const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
    // By noble's Ed25519, as the specification says: the same secret gives the same signature.
    expect(note).toContain(cosign(eastName, eastSecret, text, nowMs / 1_000));
    expect(note.split("\u2014 ").length - 1).toBe(4);
    await append(place, 4);
    expect((await place.calls.checkpointAt(2)).checkpoint.size).toBe(2);
    await expect(place.calls.checkpointAt(10_000)).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-QUERY",
    });
  });
});

async function lastOf({ log }: Place) {
  const entries = [];
  for await (const entry of log.entries({ last: 1 })) entries.push(entry);
  return entries;
}

describe("without a quorum", () => {
  it("keeps what was cosigned, names what is missing, and makes no anchor", async () => {
    const place = await begin();
    west.tamper = () => ({ status: 503, body: "later" });
    const round = await submit(place);
    expect(round).toMatchObject({ isQuorum: false, contradicted: false });
    expect(round.missing).toContain("west");
    expect(await place.calls.anchors()).toEqual([]);
    const verified = await verify(place);
    expect(verified.witnesses).toMatchObject([{ witness: "east" }]);
    expect(verified.witnessedSize).toBe(0);
    expect(verified.notEstablished.join("\n")).toContain("these witnesses saw anything: west");
    expect(verified.notEstablished.join("\n")).toContain("That a quorum of the witness policy");
  });

  it("needs only as many as the policy says", async () => {
    await begin("group one any east west\nquorum one\n");
    const place = open("home", impatient);
    west.tamper = () => undefined;
    expect(await submit(place)).toMatchObject({ isQuorum: true, missing: undefined });
  });

  it("writes nothing when nobody cosigned", async () => {
    const place = await begin();
    for (const witness of [east, west]) witness.tamper = () => ({ status: 500, body: "" });
    const before = await readFile(join(place.home, "audit.log.jsonl"));
    expect(await submit(place)).toMatchObject({ isQuorum: false });
    expect(await readFile(join(place.home, "audit.log.jsonl"))).toEqual(before);
  });
});

describe("a witness that misbehaves", () => {
  const wrong: readonly (readonly [string, (honest: Answer, text: string) => Answer, string])[] = [
    [
      "signs with another key",
      (_, text) => line(cosign(eastName, otherSecret, text, at())),
      "its key",
    ],
    [
      "signs with another key under its own id",
      (honest, text) => line(withIdOf(honest.body, cosign(eastName, otherSecret, text, at()))),
      "not by its key",
    ],
    [
      "dates it an hour ago",
      (_, text) => line(cosign(eastName, eastSecret, text, at() - 3_600)),
      "clock",
    ],
    [
      "dates it tomorrow",
      (_, text) => line(cosign(eastName, eastSecret, text, at() + 86_400)),
      "clock",
    ],
    ["gives no time", (_, text) => line(cosign(eastName, eastSecret, text, 0)), "no time"],
    [
      "cosigns another log's checkpoint",
      (_, text) => line(cosign(eastName, eastSecret, text.replace(/^autosd/, "other"), at())),
      "not by its key",
    ],
    [
      "cosigns another size",
      (_, text) => line(cosign(eastName, eastSecret, text.replace(/\n\d+\n/, "\n900\n"), at())),
      "not by its key",
    ],
    ["answers with nothing", () => line(""), "no signature lines"],
    ["answers with garbage", () => line("<html>\u0000</html>\n"), "no signature lines"],
    [
      "brings a text of its own",
      (honest, text) => line(`\u2014 x AAAAAAAA\n\n${text}\n${honest.body}`),
      "no signature lines",
    ],
    ["answers without end", () => line("\u2014 x AAAAAAAA\n".repeat(20_000)), "more than"],
    [
      "sends elsewhere",
      () => ({ ...line(""), status: 307, headers: { location: "/w/x" } }),
      "not followed",
    ],
    ["names no size", () => ({ status: 409, body: "many\n" }), "without the size"],
    ["names the size that was proved", () => ({ status: 409, body: "0\n" }), "its own size"],
    ["does not know the log", () => ({ status: 404, body: "" }), "404"],
    ["does not know the key", () => ({ status: 403, body: "" }), "403"],
  ];
  it("is not counted, and nobody else suffers", async () => {
    const place = await begin();
    for (const [name, answer, message] of wrong) {
      // Each meets a witness that has seen nothing yet, as the first request says.
      const { origin } = (await place.log.identity()) ?? { origin: "" };
      east.remember(origin, undefined);
      east.tamper = (honest, request) => answer(honest, textOf(request));
      const replies = await repliesOf(place);
      expect(replies["east"]?.kind, name).toMatch(/^(refused|unavailable)$/);
      expect(JSON.stringify(replies["east"]), name).toContain(message);
      expect(replies["west"], name).toMatchObject({ kind: "cosigned" });
    }
    const verified = await verify(place);
    expect(verified.failures).toEqual([]);
    expect(verified.witnesses).toMatchObject([{ witness: "west" }]);
  });

  it("that is silent is waited for so long and no longer", async () => {
    await begin();
    east.tamper = () => undefined;
    const replies = await repliesOf(open("home", impatient));
    expect(JSON.stringify(replies["east"])).toContain("within 0.75 s");
  });

  it("that takes its time keeps nobody from the log", async () => {
    const place = await begin();
    east.tamper = async (honest) => {
      // Another process, which would wait for the lock as long as this one holds it.
      await append(open());
      return honest;
    };
    expect((await repliesOf(place))["east"]).toMatchObject({ kind: "cosigned" });
  });

  it("is left when the caller stops, and what others cosigned is kept", async () => {
    await begin();
    const stop = new AbortController();
    const client = createWitnessClient({ timeoutMs });
    const answered: (() => void)[] = [];
    const first = new Promise<void>((resolve) => answered.push(resolve));
    const place = open("home", {
      addCheckpoint: async (url, body, signal) => {
        if (url !== east.url) {
          const answer = await client.addCheckpoint(url, body, signal);
          answered.forEach((tell) => tell());
          return answer;
        }
        await first;
        stop.abort(new Error("stopped"));
        return client.addCheckpoint(url, body, signal);
      },
    });
    await expect(place.calls.submit({ signal: stop.signal })).rejects.toThrow("stopped");
    expect((await verify(place)).witnesses).toMatchObject([{ witness: "west" }]);
  });

  it("that is not there is named", async () => {
    const place = await begin();
    await east.close();
    const replies = await repliesOf(place);
    expect(JSON.stringify(replies["east"])).toContain("ECONNREFUSED");
    east = await startWitness(eastName, eastSecret);
  });
});

const at = () => Math.floor(nowMs / 1_000);
const line = (body: string): Answer => ({ status: 200, body });

function textOf(request: string): string {
  const note = request.slice(request.indexOf("\n\n") + 2);
  return note.slice(0, note.lastIndexOf("\n\n") + 1);
}

/** A signature line with the key id of another one. */
function withIdOf(own: string, forged: string): string {
  const bytesOf = (text: string) => Buffer.from(text.trimEnd().split(" ")[2] ?? "", "base64");
  const bytes = Buffer.concat([bytesOf(own).subarray(0, 4), bytesOf(forged).subarray(4)]);
  return `\u2014 ${eastName} ${bytes.toString("base64")}\n`;
}

describe("attacks on the log", () => {
  it("a second log of the same name is contradicted, and the attempt is recorded", async () => {
    const place = await begin();
    await cp(place.home, join(root, "copy"), { recursive: true });
    await append(place, 3);
    await submit(place);
    const copy = open("copy");
    // As long as the one that was witnessed, and another one.
    await append(copy, 4, "retire");
    await append(copy, 6, "retire");
    const round = await submit(copy);
    expect(round).toMatchObject({ contradicted: true, isQuorum: false });
    expect(round.replies.map(({ kind }) => kind)).toEqual(["contradicted", "contradicted"]);
    const [entry] = await lastOf(copy);
    expect(entry).toMatchObject({ details: { contradictedBy: ["east", "west"] } });
    // What the witness hands out to anybody shows it, too.
    const { origin } = round.checkpoint;
    await writeFile(join(root, "seen"), east.monitored(origin) ?? "");
    expect((await verify(place, "seen")).failures).toEqual([]);
    const { failures } = await verify(copy, "seen");
    expect(failures.map(({ message }) => message).join()).toContain("are not the ones of seen");
  });

  it("a log that was taken back, with everything that it kept, is contradicted", async () => {
    const place = await begin();
    await cp(place.home, join(root, "backup"), { recursive: true });
    await append(place, 5);
    const { checkpoint } = await submit(place);
    await rm(place.home, { recursive: true });
    await cp(join(root, "backup"), place.home, { recursive: true });
    const again = open();
    expect((await verify(again)).failures).toEqual([]);
    const round = await submit(again);
    expect(round).toMatchObject({ contradicted: true });
    expect(JSON.stringify(round.replies)).toContain(`has seen ${checkpoint.size} entries`);
    await writeFile(join(root, "seen"), west.monitored(checkpoint.origin) ?? "");
    const { failures } = await verify(again, "seen");
    expect(failures.map(({ message }) => message).join()).toContain("are there");
  });

  it("a log that does not extend what its history or a witness kept does not hold", async () => {
    const place = await begin();
    await submit(place);
    await append(place, 2);
    await place.log.close();
    const kept = await readFile(join(place.home, "audit", "checkpoints"));
    await rm(place.home, { recursive: true });
    const other = open();
    await append(other, 9);
    // Another log's history says nothing of this one.
    await writeFile(join(other.home, "audit", "checkpoints"), kept);
    const verified = await verify(other);
    expect(verified.failures).toEqual([]);
    expect(verified.notEstablished.join("\n")).toMatch(/What \d+ lines of the history/);
  });

  it("entries that were cut off together with checkpoint and anchors are missed by the history", async () => {
    const place = open();
    await append(place, 4);
    await cp(place.home, join(root, "backup"), { recursive: true });
    await append(place, 4);
    const history = await readFile(join(place.home, "audit", "checkpoints"));
    await rm(place.home, { recursive: true });
    await cp(join(root, "backup"), place.home, { recursive: true });
    await writeFile(join(place.home, "audit", "checkpoints"), history);
    const { failures } = await verify(open());
    expect(failures.map(({ message }) => message)).toContain(
      "checkpoints line 5 covers 5 entries; 4 are there",
    );
  });

  it("a cosignature that was changed where it is kept is found", async () => {
    const place = await begin();
    await submit(place);
    const path = join(place.home, "audit", "anchors.jsonl");
    const text = await readFile(path, "utf8");
    const cut = text.indexOf(eastName) + eastName.length + 20;
    const letter = text[cut] === "A" ? "B" : "A";
    await writeFile(path, `${text.slice(0, cut)}${letter}${text.slice(cut + 1)}`);
    const { failures } = await verify(place);
    expect(failures).toMatchObject([{ part: "witness" }]);
    expect(failures[0]?.message).toContain("is not by its key");
  });
});

describe("the history of checkpoints", () => {
  it("tolerates lines that were cut off, and goes on behind them", async () => {
    const place = open();
    await append(place, 3);
    await appendFile(join(place.home, "audit", "checkpoints"), '{"note":"cut');
    await append(place, 2);
    const verified = await verify(place);
    expect(verified.failures).toEqual([]);
    expect(verified.established.join("\n")).toContain("each of 5 earlier checkpoints");
    expect(verified.notEstablished.join("\n")).toContain("What 1 lines of the history");
  });
});

describe("the policy of witnesses", () => {
  it("is needed, is checked whole, and must be one for this log", async () => {
    const place = open();
    await append(place);
    await expect(submit(place)).rejects.toMatchObject({ code: "AUTOSD-AUDIT-WITNESSES" });
    await writePolicy(place, "", "quorum nobody\n");
    await expect(submit(place)).rejects.toThrow('line 4: "nobody" is not defined on a line before');
    await expect(verify(place)).rejects.toMatchObject({ code: "AUTOSD-AUDIT-WITNESSES" });
    await writePolicy(place, `log ${witnessVkey("other/log", otherSecret, 1)}\n`, "quorum east\n");
    await expect(submit(place)).rejects.toThrow("none of their keys signs");
    expect(east.requests).toEqual([]);
  });

  it("names a log by the key that witnesses were told, which is made once", async () => {
    const place = open();
    expect(await place.calls.witnesses()).toMatchObject({ vkey: undefined, witnesses: undefined });
    const keys = await Promise.all([place.calls.witnessKey(), open().calls.witnessKey()]);
    expect(new Set(keys).size).toBe(1);
    const [vkey] = keys;
    const [, name = "", id = "", encoded = ""] = /^(.*?)\+(.{8})\+(.*)$/.exec(vkey) ?? [];
    const hash = createHash("sha256").update(`${name}\n`).update(Buffer.from(encoded, "base64"));
    expect(id).toBe(hash.digest("hex").slice(0, 8));
    expect(await place.calls.witnesses()).toMatchObject({ vkey });
  });
});
