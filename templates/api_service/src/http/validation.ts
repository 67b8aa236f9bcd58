import type { ErrorObject } from "ajv/dist/2020.js";
import type { Fault } from "../domain/fault.ts";

/** Ajv reports these beside the error that matters. */
const wrappers = new Set(["if", "anyOf", "oneOf", "allOf"]);

/** What ajv found, in words for the client. `parameter` names query parameters, `pointer` parts of a body. */
export function faultsOf(
  errors: readonly ErrorObject[],
  style: "pointer" | "parameter",
): readonly Fault[] {
  const useful = errors.filter((error) => !wrappers.has(error.keyword));
  return (useful.length > 0 ? useful : errors).map((error) => {
    const pointer = `${error.instancePath}${missingMember(error)}`;
    return {
      pointer: style === "pointer" ? pointer : pointer.slice(1),
      detail: detailOf(error),
    };
  });
}

function missingMember(error: ErrorObject): string {
  if (error.keyword === "required") return `/${escaped(error.params.missingProperty)}`;
  if (error.keyword === "additionalProperties")
    return `/${escaped(error.params.additionalProperty)}`;
  return "";
}

function escaped(member: string): string {
  return member.replaceAll("~", "~0").replaceAll("/", "~1");
}

function detailOf(error: ErrorObject): string {
  switch (error.keyword) {
    case "required":
      return "is required";
    case "additionalProperties":
      return "is not known";
    case "enum":
      return `must be one of ${error.params.allowedValues.join(", ")}`;
    case "pattern":
      return "does not have the required form";
    default:
      return error.message ?? "is not valid";
  }
}
