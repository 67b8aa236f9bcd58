import { describe, expect, it } from "vitest";
import { createAddressBook } from "./dial.ts";
import { upstreamFor } from "./upstream.ts";

describe("an address book", () => {
  const book = (...answers: readonly (readonly string[])[]) => {
    const left = [...answers];
    return createAddressBook(() => Promise.resolve(left.shift() ?? []));
  };

  it("refuses a public name that turns into a private address", async () => {
    const { resolve } = book(["93.184.216.34"], ["10.0.0.1"]);
    expect(await resolve("registry.example")).toBe("93.184.216.34");
    await expect(resolve("registry.example")).rejects.toThrow("private");
  });

  it("reaches a registry that was on a private address from the start", async () => {
    const { resolve } = book(["10.0.0.1"], ["10.0.0.2"]);
    expect(await resolve("registry.internal")).toBe("10.0.0.1");
    expect(await resolve("registry.internal")).toBe("10.0.0.2");
  });

  it("refuses the link's own addresses, where clouds keep credentials, whoever names them", async () => {
    await expect(book(["169.254.169.254"]).resolve("registry.example")).rejects.toThrow();
    await expect(book(["1.1.1.1", "fe80::1"]).resolve("registry.example")).rejects.toThrow();
  });

  it("takes an address that is listed as such", async () => {
    expect(await book().resolve("127.0.0.1")).toBe("127.0.0.1");
  });
});

describe("the machine's own proxy", () => {
  const settings = {
    http: "http://proxy:3128",
    https: undefined,
    direct: ".corp, 10.0.0.1, b:8080",
  };
  const via = (host: string, port = 443) => upstreamFor(settings, { host, port }, "https")?.host;

  it("is used for hosts outside the list of direct ones", () => {
    expect(via("registry.example.org")).toBe("proxy:3128");
    expect(via("notcorp")).toBe("proxy:3128");
    expect(via("b")).toBe("proxy:3128");
  });

  it("is passed by for direct hosts, their subdomains and ports", () => {
    expect([via("registry.corp"), via("corp"), via("10.0.0.1"), via("b", 8080)]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("is none when the setting is no address of a proxy", () => {
    for (const http of ["", "  ", "socks5://x:1", "http://[bad"])
      expect(upstreamFor({ ...settings, http }, { host: "a", port: 1 }, "http")).toBeUndefined();
  });
});
