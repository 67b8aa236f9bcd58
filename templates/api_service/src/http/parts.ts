import type { SqlDatabase } from "../storage/database.ts";
import type { ApiContract } from "./contract.ts";

/** What routes are built from. */
export interface ServiceParts {
  readonly contract: ApiContract;
  readonly database: SqlDatabase;
  /** The time now. */
  readonly clock: () => Date;
}
