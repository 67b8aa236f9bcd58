import { describe, expect, it } from "vitest";
import type { DependencyRequest, DependencyStore } from "./dependency-store.port.ts";

export interface DependencyStoreSubject {
  readonly store: DependencyStore;
  /** A store on the same place, as another process has it. */
  readonly reopen: () => DependencyStore;
  /** How many installs were started so far. */
  readonly installs: () => number;
  /** A project whose lockfile names `packages`; `project` is its own name. */
  readonly request: (
    packages: Readonly<Record<string, string>>,
    options?: { readonly mayInstall?: boolean; readonly project?: string },
  ) => DependencyRequest;
}

const signal = (): AbortSignal => AbortSignal.timeout(240_000);

/** What every DependencyStore must do; adapters' tests call it. */
export function dependencyStoreContract(
  name: string,
  open: () => Promise<DependencyStoreSubject>,
): void {
  describe(`${name}: dependencies`, () => {
    it("installs once, for every project with the same lockfile and every process", async () => {
      const { store, reopen, installs, request } = await open();
      const first = await store.obtain(request({ ms: "2.1.3" }), signal());
      expect(first).toMatchObject({ kind: "ready", packages: 1 });
      const other = request({ ms: "2.1.3" }, { project: "another", mayInstall: false });
      expect(await store.obtain(other, signal())).toEqual(first);
      expect(await reopen().obtain(other, signal())).toEqual(first);
      expect(installs()).toBe(1);
      await store.obtain(request({ ms: "2.1.2" }), signal());
      expect(installs()).toBe(2);
    });

    it("downloads nothing when it may not", async () => {
      const { store, installs, request } = await open();
      const answer = await store.obtain(request({ ms: "2.1.3" }, { mayInstall: false }), signal());
      expect(answer).toEqual({ kind: "missing" });
      expect(installs()).toBe(0);
    });

    it("installs once for those who ask at the same time", async () => {
      const { store, installs, request } = await open();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => store.obtain(request({ ms: "2.1.3" }), signal())),
      );
      expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(installs()).toBe(1);
    });

    it("lets two processes install the same at once, and both have it", async () => {
      const { store, reopen, request } = await open();
      const [one, other] = await Promise.all([
        store.obtain(request({ ms: "2.1.3" }), signal()),
        reopen().obtain(request({ ms: "2.1.3" }), signal()),
      ]);
      expect(one.kind).toBe("ready");
      expect(other).toEqual(one);
    });

    it("passes on what the package manager refuses, and tries again when asked again", async () => {
      const { store, installs, request } = await open();
      const refused = await store.obtain(request({ refused: "1.0.0" }), signal());
      expect(refused).toMatchObject({ kind: "refused", exitCode: 1 });
      await store.obtain(request({ refused: "1.0.0" }), signal());
      expect(installs()).toBe(2);
    });

    it("fails retryably when nobody answers, but not for what it has", async () => {
      const { store, request } = await open();
      await store.obtain(request({ ms: "2.1.3" }), signal());
      await expect(store.obtain(request({ unreachable: "1.0.0" }), signal())).rejects.toMatchObject(
        {
          code: "AUTOSD-INSTALL-FAILED",
          exitCode: 5,
          retryable: true,
        },
      );
      expect((await store.obtain(request({ ms: "2.1.3" }), signal())).kind).toBe("ready");
    });
  });
}
