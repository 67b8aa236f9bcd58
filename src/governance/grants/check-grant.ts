export { type CheckedGrant, checkGrant } from "./verified-grant.ts";
