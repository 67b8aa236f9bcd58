import { describe, expect, it } from "vitest";
import { childJti, fileOf, grantOf, jti, signed, testKey } from "../../../test/support/grants.ts";
import { glanceGrant } from "./glance-grant.ts";
import { parseGrantFile } from "./grant-file.ts";
import { maxChainLength, maxGrantBytes } from "./grant-limits.ts";

const key = testKey();

describe("a glance at a grant", () => {
  it("sees what reading it for use sees", async () => {
    const parent = await signed(grantOf({ depth: 1, cnf: { jwk: key.signer.jwk } }), key);
    const child = await signed(grantOf({ jti: childJti, iss: jti }), key);
    const broken = grantOf({
      break_glass: true,
      waive: ["tests"],
      bind: { commit: "a".repeat(40) },
    });
    for (const file of [fileOf(parent), fileOf(child, parent), fileOf(await signed(broken, key))]) {
      const parsed = parseGrantFile(file);
      const links = parsed.kind === "parsed" ? parsed.links : [];
      expect(links.length).toBeGreaterThan(0);
      expect(glanceGrant(file)?.map((link) => link.grant)).toEqual(links.map((link) => link.grant));
    }
  });

  it.each([
    ["jti", "../grant"],
    ["iss", 1],
    ["authorization_details", []],
    ["authorization_details", [{ type: "other" }]],
    ["authorization_details", [{ ...grantOf().authorization_details[0], actions: ["anything"] }]],
    ["authorization_details", [{ ...grantOf().authorization_details[0], locations: "all" }]],
    ["gates", "tests"],
    ["waive", [1]],
    ["budget", { uses: -1, spend_microusd: 0, min_interval_s: 0 }],
    ["break_glass", "no"],
    ["bind", { commit: 1 }],
    ["quorum", 1.5],
    ["depth", null],
    ["parent", 7],
    ["exp", Number.MAX_SAFE_INTEGER],
    ["nbf", "now"],
  ])("sees nothing in a grant whose %s is %j", async (member, value) => {
    const file = fileOf(await signed({ ...grantOf(), [member]: value }, key));
    expect(glanceGrant(file)).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a token without a grant", '{"payload":"e30","signatures":[]}'],
    ["a chain without parents", '{"grant":{"payload":"e30","signatures":[]}}'],
    ["noise", "\u0000".repeat(maxGrantBytes)],
  ])("sees nothing in %s", (_name, text) => {
    expect(glanceGrant(Buffer.from(text))).toBeUndefined();
  });

  it("sees nothing in a chain that is too long", async () => {
    const link = await signed(grantOf(), key);
    const parents = Array.from({ length: maxChainLength }, () => link);
    expect(glanceGrant(fileOf(link, ...parents))).toBeUndefined();
    expect(glanceGrant(fileOf(link, ...parents.slice(1)))).toHaveLength(maxChainLength);
  });
});
