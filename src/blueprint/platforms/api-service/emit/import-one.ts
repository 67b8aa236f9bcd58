import type { Feature } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines } from "../code/doc.ts";
import { block, call, comment, literal, object, signature } from "../code/typescript.ts";
import { namesOf, withArticle } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { admission, store } from "./admission.ts";
import { canConflict } from "./openapi-operations.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** The function that decides about one record of an import. */
export function importOneDoc(own: EntityScope, feature: Of<"import">): Doc {
  const { entity } = own;
  const { type, input, repository, variable } = namesOf(entity);
  const serverFields = entity.fields.filter((field) => field.readOnly).map((field) => field.name);
  const head = signature(
    `function import${type}`,
    [`{ contract, clock }: ServiceParts`, `${store(own)}: ${repository}`],
    "(record: Readonly<Record<string, unknown>>) => ImportOutcome",
  );
  const unique = canConflict(own);
  const body: Doc[] = [
    "const now = clock();",
    ["const { id, content } = ", call("importedRecord", ["record", literal(serverFields)]), ";"],
    `const input = contract.checked<${input}>("${input}", content);`,
    `const ${variable} = new${type}(input, importedId(id) ?? randomUUID(), now);`,
    ...(unique
      ? [
          `const known = ${store(own)}.find(${variable}.id);`,
          `const existing = known ?? ${store(own)}.same(${variable});`,
        ]
      : [`const existing = ${store(own)}.find(${variable}.id);`]),
    ...existingDocs(own, feature),
    ...admission(own, "input", { variable, isNew: true }),
    `${store(own)}.insert(${variable});`,
    `return { outcome: "imported", id: ${variable}.id, reasons: [] };`,
  ];
  return lines([
    comment(
      `Decides about one record of an import. A record keeps the id that it comes with, so that what refers to it still does.`,
    ),
    block(head, [[block("return (record) =>", body), ";"]]),
  ]);
}

function existingDocs(own: EntityScope, feature: Of<"import">): readonly Doc[] {
  const { type } = namesOf(own.entity);
  const taken = literal([
    { pointer: "", detail: `there is such ${withArticle(own.entity.singular)} already` },
  ]);
  const outcome = (kind: string): Doc => [
    "return ",
    object([`outcome: "${kind}"`, "id: existing.id", ["reasons: ", taken]]),
    ";",
  ];
  if (feature.duplicates === "skip")
    return [block("if (existing !== undefined)", [outcome("skipped")])];
  if (feature.duplicates === "reject")
    return [block("if (existing !== undefined)", [outcome("rejected")])];
  return [
    block("if (existing !== undefined)", [
      `const changed = changed${type}(existing, input, now);`,
      ...admission(own, "input", { variable: "changed", isNew: false }),
      `${store(own)}.update(changed);`,
      'return { outcome: "updated", id: existing.id, reasons: [] };',
    ]),
  ];
}
