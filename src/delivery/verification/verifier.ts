import type { Evidence } from "../backlog/backlog.ts";
import { atMost } from "./at-most.ts";
import { GateBook } from "./gate-book.ts";
import { judgeProject } from "./judge-project.ts";
import { gateNames } from "./toolchain.ts";
import { factsOf, noTree, type TreeFacts } from "./tree-facts.ts";
import type { VerificationReport, VerificationRequest, Verifier } from "./verification.port.ts";
import type { VerifierOptions } from "./verifier-options.ts";

/** The tree without files: nothing to check out. */
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/**
 * Judges trees by running their own checks in the sandbox and by checks of autosd's own. A gate that
 * was green on the same tree, with the same command and machine, is not run again.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return { verify: (request, signal) => verify(options, request, signal) };
}

async function verify(
  options: VerifierOptions,
  request: VerificationRequest,
  signal: AbortSignal,
): Promise<VerificationReport> {
  const startedMs = options.clock.monotonicMs();
  signal.throwIfAborted();
  const { repository } = request;
  const facts = await readTree(options, repository, request.tree);
  const base =
    request.story === undefined ? noTree : await readTree(options, repository, request.baseTree);
  const before =
    request.existing === undefined
      ? noTree
      : await readTree(options, repository, request.existing.tree);
  const book = new GateBook(options, request);
  const inTurn = atMost(options.maxParallelGates ?? 2);
  const testsRun = await judgeProject({
    ...{ options, request, facts, base, before, book, signal, inTurn },
  });
  signal.throwIfAborted();
  const durationMs = options.clock.monotonicMs() - startedMs;
  const evidence = inOrder(book.evidence);
  options.log?.info("verified a tree", {
    project: request.projectId,
    tree: request.tree,
    red: evidence.filter((one) => one.verdict !== "green").map((one) => one.gate),
    durationMs,
  });
  return {
    schema: "autosd/verification-report@1",
    projectId: request.projectId,
    tree: request.tree,
    baseTree: request.baseTree,
    storyId: request.story?.id,
    evidence,
    testsRun,
    durationMs,
  };
}

async function readTree(
  options: VerifierOptions,
  repository: string,
  tree: string,
): Promise<TreeFacts> {
  if (tree === emptyTree) return noTree;
  return factsOf(await options.checkouts.readTexts({ repository, tree }));
}

/** Gates end in any order; a report lists them in one. */
function inOrder(evidence: readonly Evidence[]): readonly Evidence[] {
  const place = (one: Evidence): number => gateNames.findIndex((name) => name === one.gate);
  return [...evidence].sort((a, b) => place(a) - place(b));
}
