import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressScope, destinationText, parseAllowList, parseDestination } from "./host-port.ts";

const written = (text: string): string | undefined => {
  const parsed = parseDestination(text);
  return parsed === undefined ? undefined : destinationText(parsed);
};

describe("a destination", () => {
  it.each([
    ["registry.example.org:443", "registry.example.org:443"],
    ["Registry.EXAMPLE.Org.:443", "registry.example.org:443"],
    ["localhost:4873", "localhost:4873"],
    ["10.1.2.3:80", "10.1.2.3:80"],
    ["[2001:DB8:0:0::1]:443", "[2001:db8::1]:443"],
    ["my_registry.internal:8081", "my_registry.internal:8081"],
  ])("%s is %s", (text, expected) => {
    expect(written(text)).toBe(expected);
  });

  it.each([
    "host",
    "host:",
    "host:0",
    "host:65536",
    "host:-1",
    "host:+80",
    ":443",
    "user@host:443",
    "host:443/path",
    "http://host:443",
    "127.1:80",
    "2130706433:80",
    "0x7f.0.0.1:80",
    "0177.0.0.1:80",
    "1.2.3.4.5:80",
    "256.1.1.1:80",
    "host..name:80",
    ".host:80",
    "-host:80",
    "ho st:80",
    "host%00:80",
    "hoſt:80",
    "::1:80",
    "[::1%eth0]:80",
    "[v1.x]:80",
    "[127.0.0.1]:80",
    `${"a".repeat(64)}.x:80`,
  ])("%j is none", (text) => {
    expect(parseDestination(text)).toBeUndefined();
  });

  it("is spelled the same when it is read again", () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const once = written(`${host}:${port}`);
        expect(once).toBe(`${host.toLowerCase()}:${port}`);
        expect(written(once ?? "")).toBe(once);
      }),
    );
  });

  it("never throws and never keeps what a URL would read differently", () => {
    const pieces = [
      "a",
      "B",
      "-",
      ".",
      "1",
      "127",
      "0x7f",
      "ü",
      ":",
      "[",
      "::1",
      "]",
      "@",
      "/",
      "%",
    ];
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc
        .tuple(fc.domain(), fc.nat(20), fc.constantFrom(...pieces), fc.nat(70_000))
        .map(([host, at, piece, port]) => `${host.slice(0, at)}${piece}${host.slice(at)}:${port}`),
    );
    let kept = 0;
    fc.assert(
      fc.property(text, (any) => {
        const once = written(any);
        if (once === undefined) return;
        kept += 1;
        const url = new URL(`http://${once}/`);
        expect(url.hostname + url.pathname).toBe(`${once.slice(0, once.lastIndexOf(":"))}/`);
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(10);
  });

  it("in a list that a person wrote is an error when it cannot be read", () => {
    expect(parseAllowList([" host:1 "])).toEqual([{ host: "host", port: 1 }]);
    expect(() => parseAllowList(["https://host/"])).toThrow(
      expect.objectContaining({ code: "AUTOSD-SANDBOX-EGRESS" }),
    );
  });
});

it.each([
  ["93.184.216.34", "public"],
  ["2606:2800:220:1::1", "public"],
  ["127.0.0.1", "private"],
  ["10.0.0.1", "private"],
  ["172.16.0.1", "private"],
  ["172.32.0.1", "public"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["::1", "private"],
  ["fd00::1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["64:ff9b::a00:1", "private"],
  ["169.254.169.254", "local"],
  ["::ffff:169.254.169.254", "local"],
  ["fe80::1", "local"],
  ["0.0.0.0", "local"],
  ["::", "local"],
  ["224.0.0.1", "local"],
  ["255.255.255.255", "local"],
])("the address %s is %s", (address, scope) => {
  expect(addressScope(address)).toBe(scope);
});
