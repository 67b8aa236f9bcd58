import { beforeEach, describe, expect, it } from "vitest";
import type { GrantStore, Revocation } from "./grant-store.port.ts";

const older = "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const newer = "grt_01BX5ZZKBKACTAV9WEVGEMMVRZ";
const revocation: Revocation = { jti: older, atMs: 1_000, reason: "left the team" };

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What every grant store does. `make` gives an empty one. */
export function describeGrantStore(name: string, make: () => Promise<GrantStore>): void {
  describe(`grant store: ${name}`, () => {
    let store: GrantStore;
    beforeEach(async () => {
      store = await make();
    });

    it("holds nothing at first", async () => {
      expect(await store.read(older)).toBeUndefined();
      expect(await store.list()).toEqual([]);
      expect(await store.readAll()).toEqual([]);
      expect(await store.revocationOf(older)).toEqual({ kind: "none" });
      expect((await store.revokedIds()).size).toBe(0);
    });

    it("gives back the bytes of a grant, and its newer bytes when it was signed again", async () => {
      await store.write(older, bytes("one"));
      expect(await store.read(older)).toEqual(bytes("one"));
      await store.write(older, bytes("two signatures"));
      expect(await store.read(older)).toEqual(bytes("two signatures"));
      expect(await store.read(newer)).toBeUndefined();
    });

    it("lists ids oldest first, whatever the order of writing", async () => {
      await store.write(newer, bytes("n"));
      await store.write(older, bytes("o"));
      expect(await store.list()).toEqual([older, newer]);
      expect((await store.readAll()).map((one) => one.jti)).toEqual([older, newer]);
    });

    it.each([
      "../../x",
      "grt_../../../../etc/passwd00000",
      "grt_01ARZ3NDEKTSV4RRFFQ69G5FA\0",
      "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
      "grt_01arz3ndektsv4rrffq69g5fav",
      "grt_01ARZ3NDEKTSV4RRFFQ69G5FAⅤ",
      "GRT_01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "grt_01ARZ3NDEKTSV4RRFFQ69G5FAVX",
      "grt_01ARZ3NDEKTSV4RRFFQ69G5FAU",
      "",
    ])("takes %j for no id", async (jti) => {
      const refusal = { code: "AUTOSD-PREAUTH-INPUT" };
      await expect(store.read(jti)).rejects.toMatchObject(refusal);
      await expect(store.write(jti, bytes("x"))).rejects.toMatchObject(refusal);
      await expect(store.revocationOf(jti)).rejects.toMatchObject(refusal);
      await expect(store.revoke({ ...revocation, jti })).rejects.toMatchObject(refusal);
      await expect(store.reinstate(jti)).rejects.toMatchObject(refusal);
      expect(await store.list()).toEqual([]);
    });

    it("revokes one grant and no other, also one that it does not hold", async () => {
      await store.revoke(revocation);
      expect(await store.revocationOf(older)).toEqual({ kind: "revoked", revocation });
      expect(await store.revocationOf(newer)).toEqual({ kind: "none" });
      expect([...(await store.revokedIds())]).toEqual([older]);
      expect(await store.list()).toEqual([]);
    });

    it("keeps the first reason when a grant is revoked again", async () => {
      await store.revoke(revocation);
      await store.revoke({ ...revocation, atMs: 9_000, reason: "again" });
      expect(await store.revocationOf(older)).toEqual({ kind: "revoked", revocation });
    });

    it("reinstates, also what was never revoked", async () => {
      await store.revoke(revocation);
      await store.reinstate(older);
      await store.reinstate(newer);
      expect(await store.revocationOf(older)).toEqual({ kind: "none" });
      expect((await store.revokedIds()).size).toBe(0);
    });

    it("loses nothing when many write and revoke at once", async () => {
      const ids = Array.from(
        { length: 20 },
        (_, index) => `grt_01ARZ3NDEKTSV4RRFFQ69G5F${String(index).padStart(2, "0")}`,
      );
      await Promise.all(
        ids.flatMap((jti) => [
          store.write(jti, bytes(jti)),
          store.revoke({ ...revocation, jti }),
          store.write(jti, bytes(jti)),
        ]),
      );
      expect(await store.list()).toEqual(ids);
      expect(await store.revokedIds()).toEqual(new Set(ids));
    });
  });
}
