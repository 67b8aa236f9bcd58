import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { sha256 } from "../../../kernel/hash.ts";
import type { ModelAnswer } from "../model/model.port.ts";

/** Which answers planning of this home went by: a journal can come with the folder it stands in. */
export interface OwnAnswers {
  /** Before it counts. */
  remember(digest: string): Promise<void>;
  knows(digest: string): Promise<boolean>;
}

/** Digest of what planning uses of an answer. */
export function answerDigest({ text, finish }: Pick<ModelAnswer, "text" | "finish">): string {
  return sha256(canonicalJson({ text, finish }));
}
