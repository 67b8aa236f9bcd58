import type { DefaultValue, FieldType } from "../model/product-model.ts";

/** A default in words as a value of the type; undefined when the type does not take it. */
export function defaultOf(
  value: string | { readonly now: true },
  type: FieldType,
): DefaultValue | undefined {
  if (typeof value !== "string")
    return type.kind === "date" || type.kind === "datetime" ? { kind: "now" } : undefined;
  const text = value.trim();
  switch (type.kind) {
    case "integer":
    case "decimal":
      return numberDefault(text, type);
    case "boolean": {
      if (/^(yes|true|on|set|ticked)$/i.test(text)) return { kind: "value", value: true };
      return /^(no|false|off|not set|unset|unticked|not)$/i.test(text)
        ? { kind: "value", value: false }
        : undefined;
    }
    case "choice": {
      const found = type.values.find((one) => one.toLowerCase() === text.toLowerCase());
      return found === undefined ? undefined : { kind: "value", value: found };
    }
    case "text":
      return /^(empty|none|nothing)$/i.test(text) || text.length > (type.maxLength ?? Infinity)
        ? undefined
        : { kind: "value", value: text };
    case "labels":
      return /^(empty|none|no tags|nothing)$/i.test(text)
        ? { kind: "value", value: [] }
        : undefined;
    default:
      return undefined;
  }
}

function numberDefault(
  text: string,
  type: Extract<FieldType, { kind: "integer" | "decimal" }>,
): DefaultValue | undefined {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return undefined;
  if (number < (type.minimum ?? number) || number > (type.maximum ?? number)) return undefined;
  if (type.kind === "integer" && !Number.isInteger(number)) return undefined;
  return { kind: "value", value: number };
}
