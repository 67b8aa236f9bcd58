import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { kebab, wordsOf } from "../names.ts";
import { fieldOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { find, given, holding, isFree, sampleCode, sampleWord, storing } from "./finding.ts";
import type { Subject } from "./parts.ts";
import { subjectOf } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

function searchCheck(subject: Subject, field: Field, fields: readonly Field[]): Check {
  const others = (n: number): readonly string[] =>
    fields
      .filter((one) => one.name !== field.name)
      .map((one) => `${one.name}: ${sampleCode(one, n)}`);
  const free = isFree(field);
  const wanted = free ? holding(field, "Crème Brûlée") : sampleCode(field, 7);
  const other = free ? holding(field, "apple pie") : sampleCode(field, 6);
  return {
    key: `finds-in-${kebab(field.name)}`,
    given: `${subject.one} with a word in its ${wordsOf(field)}`,
    when: "the word is searched for, in other case or without its accents",
    then: "it is found, and others are not",
    title: `finds words in ${wordsOf(field)}, whatever their case and accents`,
    body: [
      storing(subject, "wanted", [`${field.name}: ${wanted}`, ...others(8)]),
      given(subject, [`${field.name}: ${other}`, ...others(9)]),
      ...(free
        ? [
            `expect(${find(subject, "q=BRÛLÉE")}).toEqual([wanted.id]);`,
            `expect(${find(subject, "q=creme")}).toEqual([wanted.id]);`,
            `expect(${find(subject, "q=brulee+creme")}).toEqual([wanted.id]);`,
            `expect(${find(subject, "q=creme+apple")}).toEqual([]);`,
          ]
        : [
            `expect(${find(subject, `q=${sampleWord(field, 7).toUpperCase()}`)}).toEqual([wanted.id]);`,
            `expect(${find(subject, `q=${sampleWord(field, 7)}+nowhere`)}).toEqual([]);`,
          ]),
    ],
  };
}

function signsCheck(subject: Subject, fields: readonly Field[]): readonly Check[] {
  const field = fields.find(isFree);
  if (field === undefined) return [];
  const storingText = (name: string, text: string): Doc =>
    storing(subject, name, [`${field.name}: ${holding(field, text)}`]);
  return [
    {
      key: "takes-signs-literally",
      given: `${subject.entity.plural} with %, _ and quotes in their text`,
      when: "one of these signs is searched for",
      then: "only those that hold it are found",
      title: "takes %, _ and quotes for what they are",
      body: [
        storingText("percent", "100% sure"),
        storingText("underscore", "snake_case"),
        storingText("quotes", 'it\'s "so" ; --'),
        `expect(${find(subject, "q=%25")}).toEqual([percent.id]);`,
        `expect(${find(subject, "q=_")}).toEqual([underscore.id]);`,
        `expect(${find(subject, "q='s")}).toEqual([quotes.id]);`,
      ],
    },
  ];
}

/** What searching must find and must not. */
export function searchChecks(context: CheckContext, feature: Of<"search">): readonly Check[] {
  const subject = subjectOf(context);
  const fields = feature.fields.map((name) => fieldOf(subject.entity, name));
  return [
    ...fields.map((field) => searchCheck(subject, field, fields)),
    ...signsCheck(subject, fields),
    {
      key: "refuses-empty-search",
      given: `${subject.entity.plural} exist`,
      when: "the search has no text, or too much",
      then: "the answer is 400 and names q; a search that finds nothing is an empty list",
      title: "refuses a search for nothing",
      body: [
        `${subject.store}(service);`,
        `expect(${find(subject, "q=zzzzzz")}).toEqual([]);`,
        `expectProblem(await service.get("${subject.path}?q="), 400, "q");`,
        `const long = \`${subject.path}?q=\${"x".repeat(201)}\`;`,
        'expectProblem(await service.get(long), 400, "q");',
      ],
    },
  ];
}
