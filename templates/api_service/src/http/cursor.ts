import type { PagePosition } from "../storage/paging.ts";
import { HttpProblem } from "./problem.ts";

/** A page position for clients: opaque, and only good for the order that it was made for. */
export function cursorOf(order: string, position: PagePosition | undefined): string | null {
  if (position === undefined) return null;
  return Buffer.from(JSON.stringify([order, ...position])).toString("base64url");
}

/** `length`: how many values a position of this order has. */
export function positionOf(
  order: string,
  length: number,
  cursor: string | undefined,
): PagePosition | undefined {
  if (cursor === undefined) return undefined;
  const parts = parsed(cursor);
  const [madeFor, ...position] = parts;
  const isPosition = position.every(
    (value) => value === null || typeof value === "string" || typeof value === "number",
  );
  if (madeFor !== order || position.length !== length || !isPosition)
    throw new HttpProblem(400, "invalid-query", "The cursor does not belong to this list.", {
      faults: [{ pointer: "cursor", detail: "is not a cursor of this list and order" }],
    });
  return position as PagePosition;
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
