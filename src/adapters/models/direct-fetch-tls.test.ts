import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, globalAgent } from "node:https";
import { createServer as createPlainServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createDirectFetch } from "./direct-fetch.ts";

const usualAuthorities = globalAgent.options.ca;
let close: () => void = () => undefined;

afterEach(() => {
  globalAgent.options.ca = usualAuthorities;
  globalAgent.destroy();
  close();
});

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);

/** A certificate that nobody signed but its own key, for 127.0.0.1, as PEM. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const ecdsaWithSha256 = sequence(tlv(0x06, hex("2a8648ce3d040302")));
  const commonName = sequence(tlv(0x06, hex("550403")), tlv(0x0c, Buffer.from("test")));
  const name = sequence(tlv(0x31, commonName));
  const time = (text: string): Buffer => tlv(0x17, Buffer.from(text));
  const address = tlv(0x04, sequence(tlv(0x87, Buffer.from([127, 0, 0, 1]))));
  const body = sequence(
    tlv(0xa0, tlv(0x02, hex("02"))),
    tlv(0x02, hex("01")),
    ecdsaWithSha256,
    name,
    sequence(time("200101000000Z"), time("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(sequence(tlv(0x06, hex("551d11")), address))),
  );
  const signature = tlv(0x03, hex("00"), sign("sha256", body, privateKey));
  const base64 = sequence(body, ecdsaWithSha256, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => server.close();
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("an encrypted connection is spoken over when its certificate is trusted, and only then", async () => {
  const made = selfSigned();
  const asked: unknown[] = [];
  const url = await addressOf(
    createServer(made, (request, response) => {
      asked.push(request.url);
      response.setHeader("connection", "close").end("said");
    }),
  );
  const ask = createDirectFetch();
  await expect(ask(url)).rejects.toThrow(/self.signed/);
  expect(asked).toEqual([]);
  globalAgent.options.ca = made.cert;
  expect(await (await ask(url)).text()).toBe("said");
  expect(asked).toEqual(["/v1"]);
});

test("whoever takes a connection and never says who he is is not waited for without end", async () => {
  const taken: { destroy(): void }[] = [];
  const url = await addressOf(createPlainServer((socket) => taken.push(socket)));
  const ask = createDirectFetch(() => undefined, 50);
  await expect(ask(url)).rejects.toThrow("no connection within 0.05 s");
  for (const socket of taken) socket.destroy();
});
