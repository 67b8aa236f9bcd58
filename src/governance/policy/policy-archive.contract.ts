import { describe, expect, it } from "vitest";
import { sha256 } from "../../kernel/hash.ts";
import type { PolicyArchive } from "./policy-archive.port.ts";

/** What every archive of policies does. `make` gives an empty one. */
export function describePolicyArchive(name: string, make: () => Promise<PolicyArchive>): void {
  describe(`policy archive: ${name}`, () => {
    it("gives back by digest what was kept, however often", async () => {
      const archive = await make();
      const text = '{"a":"ü"}';
      expect(await archive.read(sha256(text))).toBeUndefined();
      await Promise.all([archive.keep(text), archive.keep(text), archive.keep("other")]);
      expect(await archive.read(sha256(text))).toBe(text);
      expect(await archive.read(sha256("other"))).toBe("other");
    });

    it.each(["", "sha256:", "sha256:../../etc/passwd", `sha256:${"A".repeat(64)}`])(
      "knows nothing by the name %j",
      async (digest) => {
        expect(await (await make()).read(digest)).toBeUndefined();
      },
    );
  });
}
