import type { Doc } from "../code/doc.ts";
import { print } from "../code/doc.ts";
import { importLines } from "../code/typescript.ts";

/** A module of the project and what it exports: an emitted file imports what its text uses. */
export interface Module {
  readonly from: string;
  readonly types: readonly string[];
  readonly values: readonly string[];
}

/** Import lines for the names that a body uses, and only for these. */
export function importsFor(body: Doc, modules: readonly Module[]): readonly Doc[] {
  const text = print(body, Infinity).replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const used = new Set(text.match(/[A-Za-z_$][A-Za-z0-9_$]*/g));
  const kept = (names: readonly string[]): readonly string[] =>
    names.filter((name) => used.has(name));
  return importLines(
    modules.map((module) => {
      const types = kept(module.types);
      const values = kept(module.values);
      return values.length === 0
        ? { from: module.from, names: types, typeOnly: true }
        : { from: module.from, names: [...types.map((name) => `type ${name}`), ...values] };
    }),
  );
}
