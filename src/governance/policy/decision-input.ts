import { z } from "zod";
import { environments, privilegedActions } from "../grants/action.ts";

const natural = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** What a decision depends on besides the policy. Recorded with the decision, so that it can be made again. */
export const decisionInputSchema = z.strictObject({
  action: z.strictObject({
    action: z.enum(privilegedActions),
    project: z.string(),
    environment: z.enum(environments).nullable(),
    target: z.string().nullable(),
    commit: z.string().nullable(),
    artifact: z.string().nullable(),
    run: z.string(),
  }),
  /** Epoch milliseconds. */
  nowMs: natural,
  /** Millionths of a US dollar that the action may cost at most. */
  ceilingMicrousd: natural,
  /** Facts of the grant that was verified; null: rules about grants say nothing. */
  grant: z
    .strictObject({
      jti: z.string(),
      operators: z.array(z.string()),
      unprotected: z.boolean(),
      breakGlass: z.boolean(),
      waivedGates: z.array(z.string()),
      lifetimeS: natural,
      /** Links between the grant and the one that operators signed. */
      delegations: natural,
    })
    .nullable(),
  gates: z.array(z.strictObject({ name: z.string(), ok: z.boolean() })),
  /** When the grant was used last; null: never. */
  lastActionAtMs: natural.nullable(),
  /** Service levels that burn their budget; null: nobody knows. */
  burning: z.array(z.string()).nullable(),
  /** What generated code runs in. */
  sandbox: z.enum(["isolated", "none"]),
});
export type DecisionInput = z.infer<typeof decisionInputSchema>;
