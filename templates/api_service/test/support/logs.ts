import { migrations } from "../../src/storage/migrations.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createTestApp } from "./app.ts";
import { contract } from "./service.ts";

/** Everything that a service writes to its log, at the level that says most, while `use` asks it for something. */
export async function logOf(use: (url: string) => Promise<void>): Promise<string> {
  const written: string[] = [];
  const stream = { write: (line: string) => void written.push(line) };
  const database = openDatabase(":memory:", migrations);
  const lifecycle = { draining: false };
  const logger = { level: "trace", stream };
  const app = createTestApp({ database, lifecycle, contract, logger });
  try {
    await app.listen({ host: "127.0.0.1", port: 0 });
    await use(app.listeningOrigin);
  } finally {
    await app.close();
    database.close();
  }
  return written.join("");
}
