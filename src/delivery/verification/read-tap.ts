import type { TestCaseResult } from "./toolchain.ts";

/** One line of TAP with what stood below it. */
interface Node {
  readonly name: string;
  readonly outcome: TestCaseResult["outcome"];
  readonly children: readonly Node[];
  message?: string;
}

/** A test as TAP has it; `file` is empty where it does not say. */
interface TapTest {
  readonly file: string;
  readonly name: string;
  readonly outcome: TestCaseResult["outcome"];
  readonly message: string | undefined;
}

const maxLines = 1_000_000;
const point = /^( *)(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)(\s*\{)?$/;

/**
 * Tests of a TAP stream: files at the top with tests in them (tap), or tests at the top (ava). Single
 * assertions inside of a test are no tests. `undefined`: the stream was cut off.
 */
export function readTap(text: string): readonly TapTest[] | undefined {
  const top = treeOf(text);
  return top?.flatMap((node): readonly TapTest[] =>
    isFile(node)
      ? node.children.flatMap((one) => [...testsOf(one, node.name, "")])
      : [...testsOf(node, "", "")],
  );
}

function isFile(node: Node): boolean {
  return node.children.length > 0 && /\.[cm]?[jt]sx?$/.test(node.name);
}

function* testsOf(node: Node, file: string, around: string): Generator<TapTest> {
  const name = around === "" ? node.name : `${around} > ${node.name}`;
  const { outcome } = node;
  const failing = node.children.find((one) => one.outcome === "failed");
  yield { file, name, outcome, message: node.message ?? failing?.message ?? failing?.name };
  for (const child of node.children)
    if (child.children.length > 0) yield* testsOf(child, file, name);
}

/** The top level; undefined when it holds another number of results than it announces. */
function treeOf(text: string): readonly Node[] | undefined {
  const levels: Node[][] = [[]];
  let last: Node | undefined;
  let planned: number | undefined;
  let counted = 0;
  for (const line of text.split("\n").slice(0, maxLines)) {
    const plan = /^1\.\.(\d+)/.exec(line)?.[1];
    if (plan !== undefined) planned = Number.parseInt(plan, 10);
    counted += Number.parseInt(/^# (?:pass|fail|skip|todo) (\d+)$/.exec(line)?.[1] ?? "0", 10);
    const message = /^\s+(?:message|error):\s*(?:['">|-]*\s*)(.*?)['"]?\s*$/.exec(line)?.[1];
    if (last !== undefined && message !== undefined && message !== "") last.message ??= message;
    const found = point.exec(line);
    if (found === null) continue;
    const depth = Math.floor((found[1] ?? "").length / 4);
    while (levels.length <= depth) levels.push([]);
    // What is deeper and came before is what this one sums up.
    const children = levels.splice(depth + 1).flat();
    last = nodeOf(found[2] !== undefined, found[3] ?? "", children);
    levels[depth]?.push(last);
  }
  const top = levels[0] ?? [];
  // In ava's plan files that could not be loaded are missing; they are in what it counts at its end.
  const isWhole = planned === top.length || (planned !== undefined && counted === top.length);
  return isWhole ? top : undefined;
}

function nodeOf(isFailed: boolean, description: string, children: readonly Node[]): Node {
  const [, words = "", directive] =
    /^(.*?)(?:\s+#\s*(SKIP|TODO|time=).*)?$/i.exec(description) ?? [];
  const isSkipped = directive !== undefined && !/^time/i.test(directive);
  return {
    name: words.replaceAll(/\\([\\#])/g, "$1").trim(),
    outcome: isSkipped ? "skipped" : isFailed ? "failed" : "passed",
    children,
  };
}
