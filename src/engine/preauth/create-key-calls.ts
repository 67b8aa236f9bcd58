import { initKeys } from "./init-keys.ts";
import type { KeyCalls } from "./key-calls.ts";
import type { KeyServices } from "./key-services.ts";
import { replaceLostKeys } from "./replace-lost-keys.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { addTrust, removeTrust, showTrust } from "./trust-calls.ts";
import { verifyFile } from "./verify-file.ts";

/** The calls about keys, over their services. */
export function createKeyCalls(services: KeyServices): KeyCalls {
  return {
    init: (input) => initKeys(services, input),
    replaceLost: (input) => replaceLostKeys(services, input),
    rotate: (input) => rotateKeys(services, input),
    trustList: () => showTrust(services),
    trustAdd: (input) => addTrust(services, input),
    trustRemove: (input) => removeTrust(services, input),
    verifyFile: (input) => verifyFile(services, input),
  };
}
