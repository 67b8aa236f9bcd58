// Measures governance in this process; told what to do in one argument, answers in one JSON line.
import { createGrantFiles } from "../src/adapters/governance/grant-files.ts";
import { checkGrant } from "../src/governance/grants/check-grant.ts";
import {
  checkOf,
  childJti,
  fileOf,
  grantOf,
  jti,
  payloadDigest,
  signed,
  testKey,
  trusted,
  trustList,
} from "../test/support/grants.ts";
import { createGovernedPlace } from "../test/support/governed-place.ts";

interface Orders {
  readonly task: "verify" | "decide" | "fill";
  readonly home: string;
  readonly count: number;
}

const { task, home, count } = JSON.parse(process.argv[2] ?? "") as Orders;

/** CPU milliseconds of one call, after as many again to warm up. */
async function cpuMsOf(call: () => Promise<void>): Promise<number> {
  for (let index = 0; index < count; index += 1) await call();
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}

/** A grant that was delegated once: two links, a signature each. */
async function verify(): Promise<number> {
  const [operator, agent] = [testKey(), testKey()];
  const parent = grantOf({ depth: 1, cnf: { jwk: agent.signer.jwk } });
  const child = grantOf({ jti: childJti, iss: jti, parent: payloadDigest(parent) });
  const file = fileOf(await signed(child, agent), await signed(parent, operator));
  const check = checkOf(file, trustList(trusted(operator, "ana")), { jti: childJti });
  return cpuMsOf(async () => {
    const checked = await checkGrant(check);
    if (checked.kind === "refused") throw new Error(checked.failures[0].message);
  });
}

async function decide(): Promise<number> {
  const place = createGovernedPlace();
  const commit = "3f2a1c9e0011223344556677889900aabbccddee";
  const request = place.request(
    {
      ...{ action: "push", project: "sample", environment: null, target: null },
      ...{ commit, artifact: null, run: "run_1" },
    },
    await place.issue(),
  );
  return cpuMsOf(async () => {
    const evaluation = await place.door.evaluate(request);
    if (evaluation.kind === "refused") throw new Error(evaluation.refusal.message);
  });
}

/** Grants as `preauth create-grant` leaves them. */
async function fill(): Promise<number> {
  const key = testKey();
  const store = createGrantFiles(home);
  for (let index = 0; index < count; index += 1) {
    const id = `grt_${String(index).padStart(26, "0")}`;
    await store.write(id, fileOf(await signed(grantOf({ jti: id }), key)));
  }
  return count;
}

process.stdout.write(`${JSON.stringify(await { verify, decide, fill }[task]())}\n`);
