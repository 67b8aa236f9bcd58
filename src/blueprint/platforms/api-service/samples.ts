import type { Field, FieldType } from "../../model/product-model.ts";
import { capital, wordsOf } from "./names.ts";
import { valueSchema } from "./field-schema.ts";

export type Sample = string | number | boolean | readonly string[];

type TextType = Extract<FieldType, { readonly kind: "text" }>;

function textSample(field: Field, type: TextType, n: number): string {
  // Letters and digits only: samples stand in code, in queries and in shell commands.
  const words = wordsOf(field)
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  const label = words === "" ? "Sample" : capital(words);
  const digits = String(n);
  switch (type.format) {
    case "url":
      return fitted(`https://example.com/${digits}`, `http://a.io/${digits}`, type);
    case "email":
      return fitted(`person${digits}@example.com`, `p${digits}@a.io`, type, "before");
    case "phone":
      return `+49301234${digits.padStart(3, "0")}`;
    case "slug":
      return fitted(`sample-${digits}`, digits, type);
    case "color":
      return `#${n.toString(16).padStart(6, "0")}`;
    case "plain":
      return fitted(`${label} ${digits}`, digits, type);
  }
}

/** Samples are numbered with up to this many digits. */
const maxDigits = 4;

/** The long form if it is allowed, else the short one; padded to the least length. */
function fitted(
  long: string,
  short: string,
  type: TextType,
  pad: "after" | "before" = "after",
): string {
  const text = long.length - 1 + maxDigits <= (type.maxLength ?? Infinity) ? long : short;
  const least = type.minLength ?? 0;
  return pad === "after" ? text.padEnd(least, "x") : text.padStart(least, "x");
}

function numberSample(field: Field, n: number): number {
  const { minimum, maximum } = valueSchema(field);
  const low = typeof minimum === "number" && minimum > -1e9 ? minimum : 0;
  const high = typeof maximum === "number" ? maximum : Infinity;
  const start = low > 0 ? low - 1 : low;
  const value = start + n;
  return value <= high ? Math.max(value, low) : low + ((n - 1) % Math.max(1, high - low + 1));
}

/** A valid value. Different `n` from 1 to 9 give different, ascending values where the type has that many. */
export function sampleOf(field: Field, n: number): Sample | undefined {
  const { type } = field;
  switch (type.kind) {
    case "text":
      return textSample(field, type, n);
    case "integer":
      return Math.round(numberSample(field, n));
    case "decimal":
      return decimalSample(type, n);
    case "boolean":
      return n % 2 === 0;
    case "date":
      return `${dateYear(type)}-01-0${n}`;
    case "datetime":
      return `2026-01-0${n}T10:00:00.000Z`;
    case "choice":
      return type.values[(n - 1) % type.values.length];
    case "labels":
      return [labelSample(type, n)];
    case "reference":
    case "references":
      return undefined;
  }
}

function dateYear(type: Extract<FieldType, { readonly kind: "date" }>): string {
  if (type.relation === "past-or-today") return "2020";
  return type.relation === "today-or-future" ? "2999" : "2026";
}

function labelSample(type: Extract<FieldType, { readonly kind: "labels" }>, n: number): string {
  const long = `label-${n}`;
  return long.length <= (type.maxLength ?? Infinity) ? long : String(n);
}

function decimalSample(type: Extract<FieldType, { readonly kind: "decimal" }>, n: number): number {
  const step = Number(`1e-${type.decimals}`);
  const low = type.minimum ?? 0;
  const value = Number((low + n + (type.decimals > 0 ? 0.5 : 0)).toFixed(type.decimals));
  if (value <= (type.maximum ?? Infinity)) return value;
  return Number((low + (n - 1) * step).toFixed(type.decimals));
}

/**
 * The code of a valid value that is different for each value of the variable `n`. Only for fields
 * that are unique; types with few values cannot be.
 */
export function distinctSample(field: Field): string | undefined {
  const { type } = field;
  switch (type.kind) {
    case "text": {
      const one = textSample(field, type, 1);
      if (type.format === "color") return '`#${n.toString(16).padStart(6, "0")}`';
      if (type.format === "phone") return '`+49301234${String(n).padStart(3, "0")}`';
      const at = one.lastIndexOf("1");
      const before = `${one.slice(0, at)}\${n}`.replaceAll("`", "\\`");
      const after = one.slice(at + 1).replace(/x+$/, "");
      const least = type.minLength ?? 0;
      const padded = least > one.replace(/x+$/, "").length ? `.padEnd(${least}, "x")` : "";
      if (type.format === "email" && padded !== "")
        return `\`p\${n}@example.com\`.padStart(${least}, "x")`;
      return `\`${before}${after}\`${padded}`;
    }
    case "integer":
      return wholeNumbers(field, type);
    case "decimal":
      return plusN(type.minimum ?? 0);
    case "date":
      return `\`${dateYear(type)}-01-\${String(n).padStart(2, "0")}\``;
    case "datetime":
    case "boolean":
    case "choice":
    case "labels":
    case "reference":
    case "references":
      return undefined;
  }
}

/** Counts up, and starts again when the largest value is reached. */
function wholeNumbers(
  field: Field,
  type: Extract<FieldType, { readonly kind: "integer" }>,
): string {
  const first = Math.round(numberSample(field, 1));
  if (type.maximum === undefined) return plusN(first - 1);
  return `${first} + ((n - 1) % ${type.maximum - first + 1})`;
}

function plusN(start: number): string {
  return start === 0 ? "n" : start < 0 ? `n - ${-start}` : `n + ${start}`;
}
