/**
 * The words of a command line as a POSIX shell splits them: blanks, quotes and backslashes. Nothing
 * is expanded and nothing is special: `$HOME`, `*` and `;` stay as they are. Undefined: a quote or
 * a backslash does not end.
 */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  // A blank, or one piece of a word: plain, escaped, in single or in double quotes.
  const piece = /(\s+)|([^\s\\'"]+)|\\([^])|'([^']*)'|"((?:[^"\\]|\\[^])*)"/y;
  let word: string | undefined;
  while (piece.lastIndex < text.length) {
    const found = piece.exec(text);
    if (found === null) return undefined;
    const [, blank, plain, escaped, single, double] = found;
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    // An escaped line end joins two lines.
    const outside = escaped === "\n" ? "" : escaped;
    word = (word ?? "") + (plain ?? outside ?? single ?? unescaped(double ?? ""));
  }
  return word === undefined ? words : [...words, word];
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([$`"\\\n])/g, (_, one: string) => (one === "\n" ? "" : one));
}
