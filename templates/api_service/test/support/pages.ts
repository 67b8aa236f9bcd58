import type { TestService } from "./service.ts";

export interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

const maxPages = 1000;

/** The items of each page in turn. */
export async function* walk<Item>(
  service: TestService,
  path: string,
): AsyncGenerator<readonly Item[], void> {
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < maxPages; pages += 1) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: PageOf<Item> = (await service.get<PageOf<Item>>(`${path}${more}`)).body;
    yield page.items;
    cursor = page.nextCursor;
  }
}

/** In an order that does not depend on the service. */
export function byId<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The ids on the first page, in its order. */
export async function idsOf(service: TestService, path: string): Promise<readonly string[]> {
  const { body } = await service.get<PageOf<{ readonly id: string }>>(path);
  return body.items.map(({ id }) => id);
}
