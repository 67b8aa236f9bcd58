import { GovernanceError } from "../../governance/errors.ts";
import { maxGrantBytes } from "../../governance/grants/grant-limits.ts";
import { offlineFailures } from "../../governance/grants/examine-offline.ts";
import { inspectGrantFile } from "../../governance/grants/inspect-grant-file.ts";
import { maxTrustBytes, type OpenTrust, openTrust } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import type { FileVerified, KeyCalls } from "./key-calls.ts";
import type { KeyServices } from "./key-services.ts";

/** What no file can say about itself. */
const grantUnknowns = [
  "whether it was revoked",
  "how much of its budget is left",
  "whether policy allows what it asks for",
  "whether the audit log that it pins is genuine",
];

/**
 * Checks a grant against a trust list, or a trust list by itself. With `trustFile` it needs nothing
 * else of this machine: no keys, no log.
 */
export async function verifyFile(
  services: Pick<KeyServices, "keyring" | "files" | "clock">,
  input: Parameters<KeyCalls["verifyFile"]>[0],
): Promise<FileVerified> {
  const bytes = await services.files.read(input.file, maxTrustBytes);
  const alone = openTrust(bytes);
  // A list is known by its type, whether it holds or not.
  if (alone.kind === "trusted" || isTrustFile(bytes)) return verifiedTrust(alone);
  return verifiedGrant(bytes, await trustOf(services, input.trustFile), services.clock.now());
}

async function trustOf(
  { files, keyring }: Pick<KeyServices, "keyring" | "files">,
  path: string | undefined,
): Promise<TrustList> {
  if (path === undefined) {
    const opened = await keyring.trustFile();
    if (opened !== undefined) return opened.trust;
    throw new GovernanceError(
      "AUTOSD-PREAUTH-KEYS",
      "There is no trust list on this machine to check against.",
      { remedy: "autosd preauth verify FILE --trust-file trust.json" },
    );
  }
  const opened = openTrust(await files.read(path, maxTrustBytes));
  if (opened.kind === "trusted") return opened.trust;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `${path} is no trust list that holds: ${opened.message}.`,
    { remedy: `autosd preauth verify ${path}` },
  );
}

/** Of structure and cryptography the first finding; all that is against its use. */
function verifiedGrant(bytes: Uint8Array, trust: TrustList, nowMs: number): FileVerified {
  const file = bytes.subarray(0, maxGrantBytes + 1);
  const inspected = inspectGrantFile({ file, trust, minimumQuorum: 1 });
  if (inspected.kind === "refused")
    return {
      ok: false,
      type: "grant",
      name: "the grant",
      established: [],
      failures: inspected.failures.map(({ reason, message }) => ({ reason, message })),
      notEstablished: grantUnknowns,
    };
  const { links, kids, operators, unprotected } = inspected;
  const failures = offlineFailures({ nowMs, trust }, links);
  return {
    ok: failures.length === 0,
    type: "grant",
    name: links[0].grant.jti,
    established: [
      `${links.length === 1 ? "one link" : `a chain of ${links.length} links`}, each no wider than the one before`,
      `signed by ${operators.join(", ")}`,
      `every signature is genuine: ${kids.join(", ")}`,
      ...(unprotected ? ["one of the keys is unprotected"] : []),
    ],
    failures: failures.map(({ reason, message }) => ({ reason, message })),
    notEstablished: grantUnknowns,
  };
}

function verifiedTrust(opened: OpenTrust): FileVerified {
  const rest = {
    type: "trust",
    notEstablished: ["whether it is the newest list: the audit log records that"],
  } as const;
  if (opened.kind === "refused")
    return {
      ...rest,
      ok: false,
      name: "the trust list",
      established: [],
      failures: [
        { reason: opened.reason, message: `The trust list is refused: ${opened.message}.` },
      ],
    };
  const { trust, signers } = opened;
  return {
    ...rest,
    ok: true,
    name: `trust@${trust.version}`,
    established: [
      `signed by ${signers.map((key) => `${key.operator} (${key.kid})`).join(", ")}`,
      `${trust.keys.length} keys, none of them weak`,
      `audit log ${trust.origin}, first key ${trust.genesis}`,
    ],
    failures: [],
  };
}

/** Whether its first header says so; a grant that is wrongly signed is still no trust list. */
function isTrustFile(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString("latin1");
  const header = /"protected":"([A-Za-z0-9_-]{1,1000})"/.exec(text)?.[1] ?? "";
  return Buffer.from(header, "base64url").toString("latin1").includes("autosd-trust+jws");
}
