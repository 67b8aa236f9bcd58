import type { Doc } from "../code/doc.ts";
import { expanded, indent, join, line } from "../code/doc.ts";
import { block, lineWidth, quoted } from "../code/typescript.ts";

/** Columns before the statements of the routes function. */
const routeIndent = 2;

/** `contract.handle<Input>(app, "operation", (input) => { ... });` */
export function handle(
  operationId: string,
  input: string,
  parameters: string,
  body: readonly Doc[],
  options?: string,
): Doc {
  const name = `contract.handle${input === "" ? "" : `<${input}>`}`;
  const head = `${name}(app, ${quoted(operationId)}, (${parameters}) =>`;
  const handler = block(`(${parameters}) =>`, body);
  if (options === undefined && routeIndent + head.length + 2 <= lineWidth)
    return [block(head, body), ");"];
  const args: readonly Doc[] = [
    "app",
    quoted(operationId),
    handler,
    ...(options === undefined ? [] : [options]),
  ];
  return [name, expanded(["(", indent([line, join([",", line], args)]), ",", line, ");"])];
}
