import { testToken } from "./token.ts";

export interface Asked<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A request to a service at `url`, which may be a process of its own. Without a body unless `content` is given. */
export async function ask<Body>(
  url: string,
  method: string,
  content?: unknown,
  token = testToken,
): Promise<Asked<Body>> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(content !== undefined && { "content-type": "application/json" }),
    },
    ...(content !== undefined && { body: JSON.stringify(content) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
