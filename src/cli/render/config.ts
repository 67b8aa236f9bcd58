import type { Output } from "../context.ts";
import { renderTable } from "./table.ts";

/** One option in force. */
export interface ShownOption {
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
  readonly from: string | null;
}

/** Every option, its value and where it comes from. */
export function renderConfig(lines: readonly ShownOption[], output: Output): string {
  return renderTable(
    ["Option", "Value", "From"],
    lines.map((line) => [
      line.name,
      shown(line.value),
      line.from === null ? line.source : `${line.source} ${line.from}`,
    ]),
    output,
  );
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
