import type { Sentence } from "../../delivery/requirements/document.ts";
import type { Fact } from "./facts.ts";

const metadata =
  /^(title|subtitle|name|author|authors|owner|owners|date|created|updated|modified|version|revision|status|state|draft|tags?|keywords?|categor(y|ies)|layout|slug|id|permalink|lang|language|locale|type|template|toc|copyright|license|licence|department|team|project|product|customer|client|contact|reviewers?|approvers?|approved|audience|link|url|aliases|weight|sidebar\w*|nav\w*) ?:/i;

/** A line of front matter: data about the document, or something that nobody reads as a requirement there. */
export function readMeta(sentence: Sentence): Fact {
  if (metadata.test(sentence.text) || /^[-\w]+:$/.test(sentence.text))
    return {
      kind: "context",
      context: "background",
      reason: "is data about the document",
      sentence: sentence.id,
    };
  return {
    kind: "unread",
    sentence: sentence.id,
    reason: "stands in the front matter: nothing is built from it",
  };
}
