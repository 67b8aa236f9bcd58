import type { SourceTest } from "./source-test.ts";

/** How many lines above a function its decorators may take. */
const maxDecoratorLines = 200;

const definition = /^(\s*)(?:async\s+)?def\s+(\w+)\s*\(/;
const skippingModule =
  /^(?:pytestmark\b.*\bskip|pytest\.skip\(.*allow_module_level|\w*.*\bpytest\.importorskip\()/m;

/** Tests of a Python file, by the names that pytest and unittest look for. */
export function pythonTests(text: string): readonly SourceTest[] {
  const lines = text.split(/\r?\n/);
  const isModuleSkipped = skippingModule.test(text);
  const tests: SourceTest[] = [];
  const decorators = new Decorators();
  // Where the body of the last function ends: what is defined in it is no test.
  let bodyEnd = 0;
  for (const [index, line] of lines.entries()) {
    if (index < bodyEnd) continue;
    const start = definition.exec(line);
    if (start === null) {
      decorators.read(line);
      continue;
    }
    const marks = decorators.take();
    bodyEnd = endOfBody(lines, index, start[1]?.length ?? 0);
    const name = start[2] ?? "";
    if (!name.startsWith("test")) continue;
    if (/^@(?:pytest\.|pytest_asyncio\.)?fixture\b/m.test(marks)) continue;
    const body = lines
      .slice(index + 1, bodyEnd)
      .map((one) => one.replace(/(?:^|\s)#.*$/, ""))
      .join("\n");
    tests.push({
      name,
      dynamic: /parametrize/.test(marks),
      skipped:
        isModuleSkipped ||
        /\bskip|\bxfail|expectedFailure/.test(marks) ||
        /\b(?:pytest\.skip|skipTest)\(/.test(body),
      focused: false,
      assertions: (
        body.match(/(?:^|\s)assert\b(?!\s+True\b)|\bself\.assert\w+\(|\bpytest\.raises\(/gm) ?? []
      ).length,
      weak: (body.match(/assertIsNotNone|assertTrue|is not None/g) ?? []).length,
    });
  }
  return tests;
}

/** The first line after it that stands no deeper; the closing of its own brackets is a part of it. */
function endOfBody(lines: readonly string[], index: number, indent: number): number {
  for (let at = index + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const depth = line.length - line.trimStart().length;
    if (line.trim() !== "" && depth <= indent && !/^\s*[)\]}#]/.test(line)) return at;
  }
  return lines.length;
}

/** Collects the decorators that stand before a function, also where one takes several lines. */
class Decorators {
  #lines: string[] = [];
  #open = 0;

  read(line: string): void {
    const text = line.trim();
    if (this.#open > 0 || text.startsWith("@")) {
      this.#lines.push(text);
      this.#open += (text.match(/[([{]/g) ?? []).length - (text.match(/[)\]}]/g) ?? []).length;
      // A bracket in a text was taken for one that opens.
      if (this.#lines.length > maxDecoratorLines) this.take();
    } else if (text !== "" && !text.startsWith("#")) this.take();
  }

  /** What was collected; the next function begins anew. */
  take(): string {
    const found = this.#lines.join("\n");
    this.#lines = [];
    this.#open = 0;
    return found;
  }
}
