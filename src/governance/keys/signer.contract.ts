import { describe, expect, it } from "vitest";
import { kidOf, parsePublicJwk, verifySignature } from "./public-key.ts";
import type { KeyProtection, Signer } from "./signer.port.ts";

/** What every signer does. `use` lends one for the length of a test; each call lends the same key. */
export function describeSigner(
  name: string,
  protection: KeyProtection,
  use: (test: (signer: Signer) => Promise<void>) => Promise<void>,
): void {
  describe(`signer: ${name}`, () => {
    it("is named by the thumbprint of a key that is safe to trust", async () => {
      await use(async (signer) => {
        expect(parsePublicJwk(signer.jwk)).toMatchObject({ kind: "key" });
        expect(signer.kid).toBe(kidOf(signer.jwk));
        expect(signer.protection).toBe(protection);
      });
    });

    it("signs the very bytes: its own key verifies them, and no others", async () => {
      await use(async (signer) => {
        for (const bytes of [new Uint8Array(), Uint8Array.of(0), new Uint8Array(10_000).fill(7)]) {
          const signature = await signer.sign(bytes);
          expect(signature).toHaveLength(64);
          expect(verifySignature(signer.jwk, bytes, signature)).toBe(true);
          const longer = Uint8Array.of(...bytes, 0);
          expect(verifySignature(signer.jwk, longer, signature)).toBe(false);
        }
      });
    });

    it("signs several at once, each for itself, and the same bytes alike", async () => {
      await use(async (signer) => {
        const messages = [1, 2, 3, 1].map((byte) => Uint8Array.of(byte));
        const signatures = await Promise.all(messages.map((bytes) => signer.sign(bytes)));
        for (const [index, bytes] of messages.entries())
          expect(verifySignature(signer.jwk, bytes, signatures[index] ?? bytes)).toBe(true);
        // RFC 8032: nothing in a signature is left to chance.
        expect(signatures[3]).toEqual(signatures[0]);
      });
    });
  });
}
