/** Words of one simple command. */
export type Statement = readonly string[];

const spaces = new Set([" ", "\t", "\r"]);
const separators = new Set([";", "&", "|", "\n", "(", ")", "`"]);

/**
 * The simple commands of a shell text, each as its words without quotes. What stands in quotes, in
 * comments and in here-documents is data. Not a shell: a text that it reads wrongly is at worst a
 * command too few. Linear in the text's length.
 */
export function shellStatements(text: string): readonly Statement[] {
  return new StatementReader(text).read();
}

class StatementReader {
  readonly #text: string;
  readonly #statements: string[][] = [];
  #words: string[] = [];
  #word: string | undefined;
  /** Where the here-documents end that begin after this line. */
  #documents: string[] = [];
  #awaitsDocument = false;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly Statement[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? "");
    this.#endStatement();
    return this.#statements;
  }

  /** Every step goes on by one character at least. */
  #step(one: string): void {
    if (one === "\\") this.#takeEscaped();
    else if (one === "'" || one === '"') this.#takeQuoted(one);
    else if (one === "#" && this.#word === undefined) this.#skipTo("\n");
    else if (this.#text.startsWith("<<", this.#at)) this.#beginDocument();
    else if (one === "<" || one === ">" || spaces.has(one)) this.#endWord(1);
    else if (separators.has(one)) this.#endAt(one);
    else this.#take(one);
  }

  #endAt(separator: string): void {
    this.#endStatement();
    this.#at += 1;
    if (separator === "\n") this.#skipDocuments();
  }

  #take(one: string): void {
    this.#word = (this.#word ?? "") + one;
    this.#at += 1;
  }

  /** An escaped line end joins two lines and is no character. */
  #takeEscaped(): void {
    this.#at += 1;
    const one = this.#text[this.#at];
    if (one === undefined || one === "\n") this.#at += 1;
    else this.#take(one);
  }

  #takeQuoted(quote: string): void {
    let end = this.#at + 1;
    let inside = "";
    while (end < this.#text.length && this.#text[end] !== quote) {
      if (quote === '"' && this.#text[end] === "\\") end += 1;
      inside += this.#text[end] ?? "";
      end += 1;
    }
    this.#word = (this.#word ?? "") + inside;
    this.#at = end + 1;
  }

  #beginDocument(): void {
    this.#endWord(0);
    const isText = this.#text.startsWith("<<<", this.#at);
    this.#at += isText ? 3 : 2;
    if (isText) return;
    if (this.#text[this.#at] === "-") this.#at += 1;
    this.#awaitsDocument = true;
  }

  #skipDocuments(): void {
    for (const end of this.#documents) {
      let line: string | undefined;
      while (this.#at < this.#text.length && line !== end) {
        const from = this.#at;
        this.#skipTo("\n");
        line = this.#text.slice(from, this.#at).trim();
        this.#at += 1;
      }
    }
    this.#documents = [];
  }

  #skipTo(mark: string): void {
    const end = this.#text.indexOf(mark, this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #endWord(skipped: number): void {
    this.#at += skipped;
    if (this.#word === undefined) return;
    if (this.#awaitsDocument) this.#documents.push(this.#word);
    else this.#words.push(this.#word);
    this.#awaitsDocument = false;
    this.#word = undefined;
  }

  #endStatement(): void {
    this.#endWord(0);
    if (this.#words.length > 0) this.#statements.push(this.#words);
    this.#words = [];
  }
}
