import type { Feature } from "../../../model/product-model.ts";
import { wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";
import { fieldOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { subjectOf, tokenCheck } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** What counting must do. */
export function countChecks(context: CheckContext, feature: Of<"count">): readonly Check[] {
  const subject = subjectOf(context);
  const field = fieldOf(subject.entity, feature.field);
  const path = `${subject.path}/counts/${feature.field}`;
  const [a, b] = [sampleOf(field, 1), sampleOf(field, 2)];
  if (a === undefined || b === undefined) return [];
  const code = (value: typeof a): string => JSON.stringify(value);
  const counted = (value: typeof a): string =>
    JSON.stringify(typeof value === "object" ? value[0] : value);
  return [
    {
      key: "counts-by-value",
      given: `two ${subject.entity.plural} with one ${wordsOf(field)} and one with another`,
      when: "the counts are asked for",
      then: "the answer is 200 with 2 and 1",
      title: `counts ${subject.entity.plural} for each ${wordsOf(field)}`,
      body: [
        `${subject.store}(service, { ${feature.field}: ${code(a)} });`,
        `${subject.store}(service, { ${feature.field}: ${code(a)} });`,
        `${subject.store}(service, { ${feature.field}: ${code(b)} });`,
        `const answer = await service.get<{ counts: readonly unknown[] }>("${path}");`,
        "expect(answer.status).toBe(200);",
        `expect(answer.body.counts).toContainEqual({ value: ${counted(a)}, count: 2 });`,
        `expect(answer.body.counts).toContainEqual({ value: ${counted(b)}, count: 1 });`,
      ],
    },
    ...tokenCheck(context, {
      reads: true,
      does: `count ${subject.entity.plural}`,
      call: `service.get("${path}", OPTIONS)`,
      success: 200,
    }),
  ];
}
