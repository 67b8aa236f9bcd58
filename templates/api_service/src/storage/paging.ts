import type { SqlDatabase, SqlRow, SqlValue } from "./database.ts";

export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export interface SqlOrder {
  /** A column, or an expression over columns. */
  readonly expression: string;
  readonly descending: boolean;
}

/** Where a page ended: the values of its order, then the row's number. */
export type PagePosition = readonly SqlValue[];

export interface PageRequest {
  readonly limit: number;
  readonly after: PagePosition | undefined;
}

export interface RowPage<Item> {
  readonly items: readonly Item[];
  /** Undefined on the last page. */
  readonly next: PagePosition | undefined;
}

export interface PageSource {
  readonly table: string;
  /** What is selected: `*` and computed columns. */
  readonly selection: string;
  readonly conditions: readonly SqlCondition[];
  readonly orders: readonly SqlOrder[];
}

/**
 * One page by position, not by number: rows that are added or removed while somebody walks the
 * pages make them neither skip nor repeat another row.
 */
export function selectPage(
  database: SqlDatabase,
  source: PageSource,
  request: PageRequest,
): RowPage<SqlRow> {
  const orders = withRowNumber(source.orders);
  const conditions = [...source.conditions];
  if (request.after !== undefined) conditions.push(conditionAfter(orders, request.after));
  const where = conditions.map(({ sql }) => `(${sql})`).join(" AND ") || "TRUE";
  const positions = orders.map(({ expression }, index) => `${expression} AS position_${index}`);
  const by = orders.map(({ expression, descending }) =>
    descending ? `${expression} DESC` : expression,
  );
  const rows = database.all(
    `SELECT ${[source.selection, ...positions].join(", ")} FROM ${source.table} WHERE ${where} ORDER BY ${by.join(", ")} LIMIT ?`,
    // One more than asked for: it tells whether there is a next page.
    [...conditions.flatMap(({ values }) => values), request.limit + 1],
  );
  const items = rows.slice(0, request.limit);
  const last = rows.length > request.limit ? items.at(-1) : undefined;
  return {
    items,
    next: last && orders.map((_, index) => last[`position_${index}`] ?? null),
  };
}

/** The row number decides among equals, so that the order is total. */
function withRowNumber(orders: readonly SqlOrder[]): readonly SqlOrder[] {
  return [...orders, { expression: "sequence", descending: orders[0]?.descending ?? false }];
}

/** Rows after a position: later in the first order, or equal there and later in the next. */
function conditionAfter(orders: readonly SqlOrder[], after: PagePosition): SqlCondition {
  const branches = orders.map((order, index) => {
    const equal = orders.slice(0, index).map(({ expression }) => `${expression} IS ?`);
    const later = laterThan(order, after[index] ?? null);
    return {
      sql: [...equal, later.sql].join(" AND "),
      values: [...after.slice(0, index), ...later.values],
    };
  });
  return {
    sql: branches.map(({ sql }) => `(${sql})`).join(" OR "),
    values: branches.flatMap(({ values }) => values),
  };
}

/** SQLite puts NULL before everything when ascending, after everything when descending. */
function laterThan({ expression, descending }: SqlOrder, value: SqlValue): SqlCondition {
  if (!descending && value === null) return { sql: `${expression} IS NOT NULL`, values: [] };
  if (!descending) return { sql: `${expression} > ?`, values: [value] };
  if (value === null) return { sql: "FALSE", values: [] };
  return { sql: `(${expression} < ? OR ${expression} IS NULL)`, values: [value] };
}

/** `-createdAt,title` as orders; `expressions` holds the names that may be sorted by. */
export function ordersOf(
  sort: string,
  expressions: Readonly<Record<string, string>>,
): readonly SqlOrder[] {
  return sort.split(",").flatMap((part) => {
    const descending = part.startsWith("-");
    const name = descending ? part.slice(1) : part;
    const expression = Object.hasOwn(expressions, name) ? expressions[name] : undefined;
    return expression === undefined ? [] : [{ expression, descending }];
  });
}
