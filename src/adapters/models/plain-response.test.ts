import { ReadableStream } from "node:stream/web";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainHeaders, plainResponse } from "./plain-response.ts";

const head = { status: 200, headers: plainHeaders([]) };
const name = fc.constantFrom("a", "A", "X-b", "x-B", "set-cookie", "Set-Cookie", "content-type");
const value = fc.stringMatching(/^[ !-~]{0,8}$/);
const change = fc.record({ verb: fc.constantFrom("append", "set", "delete"), name, value });

test("headers are what Node's own are, whatever is done to them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), fc.array(change), (pairs, changes) => {
      const own = plainHeaders(pairs);
      const standard = new Headers(pairs);
      for (const headers of [own, standard])
        for (const { verb, name: key, value: to } of changes) {
          if (verb === "append") headers.append(key, to);
          else if (verb === "set") headers.set(key, to);
          else headers.delete(key);
        }
      for (const key of ["A", "x-b", "set-cookie", "content-type", "none"])
        expect([own.get(key), own.has(key)]).toEqual([standard.get(key), standard.has(key)]);
      expect(own.getSetCookie()).toEqual(standard.getSetCookie());
      expect([...own].sort()).toEqual([...standard].sort());
      expect([...own.keys()].sort()).toEqual([...standard.keys()].sort());
      expect([...own.values()].sort()).toEqual([...standard.values()].sort());
      const each: unknown[] = [];
      own.forEach((one, key, all) => each.push([key, one, all === own]));
      expect(each).toEqual([...own.entries()].map((pair) => [...pair, true]));
    }),
  );
});

test("a body is read as text, JSON or bytes", async () => {
  const text = '{"größe":"\u{1F600}"}';
  const response = () => plainResponse(text, head);
  expect(await response().text()).toBe(text);
  expect(await response().json()).toEqual(JSON.parse(text));
  expect(Buffer.from(await response().arrayBuffer()).toString()).toBe(text);
  expect(await (await response().blob()).text()).toBe(text);
  expect(await plainResponse(`\uFEFF${text}`, head).text()).toBe(text);
});

test("characters that are cut between two pieces are whole", async () => {
  const bytes = Buffer.from("a\u{1F600}ß");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await plainResponse(body, head).text()).toBe("a\u{1F600}ß");
});

test("a body is read once", async () => {
  const response = plainResponse("once", head);
  expect([response.bodyUsed, await response.text(), response.bodyUsed]).toEqual([
    false,
    "once",
    true,
  ]);
  await expect(response.text()).rejects.toThrow(TypeError);
  expect(() => response.clone()).toThrow(TypeError);
});

test("a body that breaks off is an error", async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Uint8Array.of(1));
      controller.error(new Error("cut"));
    },
  });
  await expect(plainResponse(body, head).text()).rejects.toThrow("cut");
});

test("without a body there is no text", async () => {
  const response = plainResponse(null, { ...head, status: 204 });
  expect([response.body, await response.text()]).toEqual([null, ""]);
});

test.each([199, 200, 299, 300, 401, 999])("status %i is right or not", (status) => {
  const response = plainResponse("", { ...head, status });
  expect([response.status, response.ok]).toEqual([status, status === 200 || status === 299]);
});
