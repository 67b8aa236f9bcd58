import type { TreeTexts } from "../agent/vcs.port.ts";
import { isGateConfiguration, switchesGateOff } from "./gate-configuration.ts";
import { matchesGlob } from "./glob.ts";
import { isHookFile } from "./python-configuration.ts";
import type { IntegritySide } from "./test-integrity.ts";
import { testsIn } from "./test-source.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";
import type { ToolchainProfile } from "./toolchain.ts";

/** A tree as text: read once, judged many times. */
export interface TreeFacts extends ProjectSnapshot {
  /** Texts by path; without what is no text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths that hold no text. */
  readonly binaries: readonly string[];
}

/** Facts of a tree that has been read. */
export function factsOf({ paths, texts }: TreeTexts): TreeFacts {
  return {
    paths,
    texts,
    binaries: paths.filter((path) => !texts.has(path)),
    readText: async (path) => texts.get(path),
  };
}

/** A tree without files. */
export const noTree: TreeFacts = factsOf({ paths: [], texts: new Map() });

/** What is known about where tests are. */
type TestPlaces = Pick<ToolchainProfile, "testFiles" | "possibleTests">;

/** The test files of a tree. */
export function testFilesOf(facts: TreeFacts, places: TestPlaces): ReadonlyMap<string, string> {
  const { testFiles, possibleTests = [] } = places;
  return new Map(
    [...facts.texts].filter(
      ([path, text]) =>
        matchesGlob(path, testFiles) ||
        (matchesGlob(path, possibleTests) && testsIn(path, text).length > 0),
    ),
  );
}

/** What the integrity of tests and gates is judged by. */
export function integritySideOf(facts: TreeFacts, places: TestPlaces): IntegritySide {
  const configuration = new Map(
    [...facts.texts].filter(
      ([path, text]) => isGateConfiguration(path) || isHookFile(path) || switchesGateOff(text),
    ),
  );
  return { tests: testFilesOf(facts, places), configuration };
}

/** Files that tests are made of but that are no tests: fixtures, support code. */
export function isTestSupport(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|spec|fixtures)\//.test(path);
}
