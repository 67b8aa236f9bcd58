import type { Doc } from "../code/doc.ts";
import { namesOf } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { hasDateRules } from "./domain.ts";
import { canConflict } from "./openapi-operations.ts";
import { referenceFields, selfReferences } from "./repository.ts";

/** The constant that holds an entity's repository. */
export function store(own: EntityScope): string {
  const { plural, variable } = namesOf(own.entity);
  const name = `${plural.charAt(0).toLowerCase()}${plural.slice(1)}`;
  return storeNames.has(name) || name === variable ? `${name}Store` : name;
}

/** Names that the emitted functions use for other things. */
const storeNames = new Set([
  "app",
  "body",
  "clock",
  "contract",
  "database",
  "id",
  "now",
  "order",
  "page",
  "params",
  "parts",
  "query",
  "record",
  "records",
  "reply",
  "after",
  "taken",
  "input",
  "outcome",
]);

/** Statements that refuse a record that breaks a rule, before it is stored. */
export function admission(
  own: EntityScope,
  sent: string,
  record: { readonly variable: string; readonly isNew: boolean },
): readonly Doc[] {
  const { type } = namesOf(own.entity);
  const { variable, isNew } = record;
  const faults: string[] = [];
  if (hasDateRules(own)) faults.push(`...faultsIn${type}(${sent}, now)`);
  if (referenceFields(own.entity).some((field) => !field.readOnly))
    faults.push(`...${store(own)}.unknown(${variable})`);
  if (!isNew && selfReferences(own.entity).length > 0)
    faults.push(`...${store(own)}.rings(${variable})`);
  return [
    ...(faults.length === 0 ? [] : [`refuseFaults([${faults.join(", ")}]);`]),
    ...(canConflict(own) ? [`refuseTaken(${store(own)}.taken(${variable}));`] : []),
  ];
}
