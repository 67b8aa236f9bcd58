import { z } from "zod";

/** Something that an implementer asked for and that no rule of autosd's lets it do; plain data. */
export const denialSchema = z.object({
  /** A code of the error reference; its exit code is 3. */
  code: z.string(),
  /** What was asked for, in a few words: `git push`. */
  action: z.string(),
  /** What a person can do, a command where there is one. */
  remedy: z.string(),
});
export type Denial = z.infer<typeof denialSchema>;

/** A denial as one sentence for people. */
export function denialWords({ code, action, remedy }: Denial): string {
  return `denied: ${action} (${code}). ${remedy}`;
}
