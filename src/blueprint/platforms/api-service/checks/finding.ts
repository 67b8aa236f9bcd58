import type { Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { print } from "../code/doc.ts";
import { literal, object } from "../code/typescript.ts";
import { sampleOf } from "../samples.ts";
import type { Subject } from "./parts.ts";

export function codeOf(value: string | number | boolean | readonly string[]): string {
  return print(literal(value), Infinity).trimEnd();
}

/** `const a = storeBookmark(service, { title: "..." });` */
export function storing(subject: Subject, name: string, members: readonly Doc[]): Doc {
  return [`const ${name} = ${subject.store}(service, `, object(members), ");"];
}

export function given(subject: Subject, members: readonly Doc[]): Doc {
  return [`${subject.store}(service, `, object(members), ");"];
}

export function find(subject: Subject, query: string): string {
  return `await idsOf(service, \`${subject.path}?${query}\`)`;
}

/** True for a field that can hold any text of up to 20 characters. */
export function isFree({ type, readOnly }: Field): boolean {
  if (readOnly) return false;
  if (type.kind === "labels") return (type.maxLength ?? 99) >= 20;
  return (
    type.kind === "text" &&
    type.format === "plain" &&
    (type.minLength ?? 0) < 5 &&
    (type.maxLength ?? 99) >= 20
  );
}

/** A field's value that holds `text`; labels are lists. */
export function holding(field: Field, text: string): string {
  return field.type.kind === "labels" ? codeOf([text]) : codeOf(text);
}

export function sampleCode(field: Field, n: number): string {
  return codeOf(sampleOf(field, n) ?? "");
}

/** The first text of a sample, as it stands in a query. */
export function sampleWord(field: Field, n: number): string {
  const value = sampleOf(field, n) ?? "";
  return encodeURIComponent(typeof value === "object" ? (value[0] ?? "") : String(value));
}
