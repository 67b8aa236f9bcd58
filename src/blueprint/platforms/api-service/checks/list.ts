import type { Feature } from "../../../model/product-model.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { subjectOf, tokenCheck } from "./parts.ts";

type List = Extract<Feature, { readonly kind: "list" }>;

function stored(subject: Subject, count: number): string {
  return `const stored = Array.from({ length: ${count} }, () => ${subject.store}(service));`;
}

function wholeListCheck(subject: Subject): Check {
  const { entity, path, type } = subject;
  return {
    key: "lists-all",
    given: `some ${entity.plural} exist`,
    when: "the list is asked for",
    then: `the answer is 200 with all of them, whole; without any the list is empty`,
    title: `lists all ${entity.plural}`,
    body: [
      `const empty = await service.get<PageOf<${type}>>("${path}");`,
      "expect(empty.body).toEqual({ items: [], nextCursor: null });",
      stored(subject, 3),
      `const answer = await service.get<PageOf<${type}>>("${path}");`,
      "expect(answer.status).toBe(200);",
      "expect(answer.body.nextCursor).toBeNull();",
      "expect(byId(answer.body.items)).toEqual(byId(stored));",
    ],
  };
}

function walkCheck(subject: Subject): Check {
  const { entity, path, store, type } = subject;
  return {
    key: "walks-pages-without-loss",
    given: `more ${entity.plural} than fit on a page, and others come and go meanwhile`,
    when: "the pages are walked by their cursors",
    then: "each that was there all the time is seen exactly once",
    title: "walks the pages without loss or repetition",
    body: [
      stored(subject, 5),
      "const ids = stored.map(({ id }) => id);",
      `const pages = walk<${type}>(service, "${path}?limit=2");`,
      "const first = await pages.next();",
      "expect(first.value).toHaveLength(2);",
      `${store}(service);`,
      "const seen = [...(first.value ?? [])];",
      "for await (const items of pages) seen.push(...items);",
      "const seenIds = seen.map(({ id }) => id).filter((id) => ids.includes(id));",
      "expect(seenIds.toSorted()).toEqual(ids.toSorted());",
    ],
  };
}

function pageSizeCheck(subject: Subject, feature: List): Check {
  const { entity, path, type } = subject;
  return {
    key: "bounds-page-size",
    given: `${entity.plural} and a page size`,
    when: "the list is asked for",
    then: `at most that many come; by default ${feature.defaultPageSize}; sizes outside 1 to ${feature.maxPageSize} are refused with 400`,
    title: "holds the page size within its bounds",
    body: [
      stored(subject, feature.defaultPageSize + 1),
      `const answer = await service.get<PageOf<${type}>>("${path}");`,
      `expect(answer.body.items).toHaveLength(${feature.defaultPageSize});`,
      "expect(stored.length).toBeGreaterThan(answer.body.items.length);",
      `const largest = await service.get("${path}?limit=${feature.maxPageSize}");`,
      "expect(largest.status).toBe(200);",
      `expectProblem(await service.get("${path}?limit=0"), 400, "limit");`,
      `expectProblem(await service.get("${path}?limit=${feature.maxPageSize + 1}"), 400, "limit");`,
    ],
  };
}

function parameterCheck(subject: Subject): Check {
  const { path } = subject;
  return {
    key: "refuses-bad-parameters",
    given: "a parameter that is not known, or a cursor that this list did not give",
    when: "the list is asked for with it",
    then: "the answer is 400 and names the parameter",
    title: "refuses unknown parameters and foreign cursors",
    body: [
      `expectProblem(await service.get("${path}?unknown=1"), 400, "unknown");`,
      `expectProblem(await service.get("${path}?cursor=nonsense"), 400, "cursor");`,
    ],
  };
}

/** What the list of an entity must do and refuse. */
export function listChecks(context: CheckContext, feature: List): readonly Check[] {
  const subject = subjectOf(context);
  return [
    wholeListCheck(subject),
    walkCheck(subject),
    pageSizeCheck(subject, feature),
    parameterCheck(subject),
    ...tokenCheck(context, {
      reads: true,
      does: `list ${subject.entity.plural}`,
      call: `service.get("${subject.path}", OPTIONS)`,
      success: 200,
    }),
  ];
}
