import { expect, it } from "vitest";
import { hostsOutOfReach } from "./hosts-out-of-reach.ts";

it.each([
  [
    "TypeError: fetch failed\n  cause: Error: getaddrinfo EAI_AGAIN rates.example.test",
    "rates.example.test",
  ],
  ["curl: (6) Could not resolve host: rates.example.test", "rates.example.test"],
  ["wget: unable to resolve host address ‘rates.example.test’", "rates.example.test"],
  ["ssh: Could not resolve hostname Rates.Example.test: Temporary failure", "rates.example.test"],
  ["ping: rates.example.test: Temporary failure in name resolution", "rates.example.test"],
  ["Error: connect ENETUNREACH 192.0.2.1:443 - Local (0.0.0.0:0)", "192.0.2.1"],
  [
    "HTTPConnectionPool(host='rates.example.test', port=80): Failed to establish a new",
    "rates.example.test",
  ],
  ["<urlopen error [Errno -3] Temporary failure in name resolution>", "another host"],
])("names the host that %j could not reach", (output, host) => {
  expect(hostsOutOfReach(output)).toEqual([host]);
});

it.each([
  "Error: connect ECONNREFUSED 127.0.0.1:5432",
  "getaddrinfo ENOTFOUND localhost",
  "1 of 3 tests failed: expected 'host' to be 'guest'",
  "",
])("finds no host in %j", (output) => {
  expect(hostsOutOfReach(output)).toEqual([]);
});

it("reads both ends of an output without end, and names few hosts", () => {
  const noise = "a.".repeat(200_000);
  const ends = `${noise}\nEAI_AGAIN last.test`;
  expect(hostsOutOfReach(ends)).toEqual(["last.test"]);
  const many = Array.from({ length: 50 }, (_, at) => `EAI_AGAIN host${at}.test`).join("\n");
  expect(hostsOutOfReach(many)).toHaveLength(5);
});
