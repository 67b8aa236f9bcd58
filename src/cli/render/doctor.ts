import type { DoctorCheck } from "../../engine/autosd.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";

/** One line a check, with the remedy of what is missing, and whether autosd can work here. */
export function renderDoctor(checks: readonly DoctorCheck[], output: Output): string {
  const paint = createPaint(output.color);
  const width = Math.max(0, ...checks.map((check) => check.name.length));
  const missing = checks.filter((check) => !check.ok && check.required).length;
  const verdict =
    missing === 0
      ? paint.green("This machine is ready.")
      : paint.red(`Not ready: ${missing} of ${checks.length} checks failed that autosd needs.`);
  return [
    ...checks.flatMap((check) => {
      const mark = check.ok
        ? paint.green("✓")
        : check.required
          ? paint.red("✗")
          : paint.yellow("–");
      const line = `${mark} ${check.name.padEnd(width)}  ${printable(check.finding)}`;
      const remedy =
        check.ok || check.remedy === undefined
          ? []
          : [`${" ".repeat(width + 4)}${paint.dim("→")} ${printable(check.remedy)}`];
      return [line, ...remedy];
    }),
    "",
    verdict,
    "",
  ].join("\n");
}
