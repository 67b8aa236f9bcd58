export { type CheckedGrant, checkGrant } from "./verified-grant.ts";
export type { GrantCheck } from "./examine-grant.ts";
