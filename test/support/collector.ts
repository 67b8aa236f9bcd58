import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const attributes = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }));
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  status: z.object({ code: z.number().optional() }),
});
const bodySchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

export type ReceivedSpan = Omit<z.infer<typeof spanSchema>, "attributes"> & {
  readonly attributes: Readonly<Record<string, unknown>>;
};

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly spans: readonly ReceivedSpan[];
}

export interface Collector {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** An OTLP collector over real HTTP. `answer` says with which status; undefined: never. */
export async function startCollector(
  answer: (number: number) => number | undefined = () => 200,
): Promise<Collector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { resourceSpans } = bodySchema.parse(JSON.parse(text));
      received.push({
        path: request.url ?? "",
        headers: request.headers,
        text,
        resource: plain(resourceSpans[0]?.resource.attributes ?? []),
        spans: resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map((span) => ({ ...span, attributes: plain(span.attributes) })),
          ),
        ),
      });
      const status = answer(received.length);
      if (status === undefined) return;
      response.writeHead(status, { "content-type": "application/json", location: "/elsewhere" });
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function plain(given: z.infer<typeof attributes>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(given.map(({ key, value }) => [key, Object.values(value)[0]]));
}
