import type { Story } from "../../backlog/backlog.ts";

const maxWords = 40;
const minWordCharacters = 3;
/** Words of every story: they tell nothing about where its code is. */
const common = new Set([
  ...["the", "and", "for", "are", "that", "this", "with", "can", "want", "have", "has", "not"],
  ...["given", "when", "then", "should", "must", "will", "from", "into", "its", "all", "any"],
  ...["user", "one", "two", "each", "who", "they", "them", "their", "there", "which", "what"],
  ...["add", "new", "get", "set", "use", "show", "shown", "index", "test", "src", "lib"],
]);

/** The words that a story may share with paths and names of its code, in order, each once. */
export function storyWords(story: Story): readonly string[] {
  const said = [
    story.title,
    ...story.sentences.map(({ text }) => text),
    ...story.criteria.flatMap((one) => [one.given, one.when, one.then]),
    story.narrative,
  ].join("\n");
  const found = wordsOf(said).filter((one) => !common.has(one));
  return [...new Set(found)].slice(0, maxWords);
}

/** Words of a text, a path or a name in camel or snake case: small letters, without a plural. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/([\p{Ll}\p{N}])(?=\p{Lu})/gu, "$1 ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((one) => one.length >= minWordCharacters)
    .map(singular);
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
