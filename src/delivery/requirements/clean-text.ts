/** Text as a reader sees it, and what was taken out to get there. */
export interface CleanText {
  readonly text: string;
  readonly hiddenCharacters: number;
  readonly lookAlikes: number;
}

// Control characters other than tab and newline, soft hyphens, zero-width and direction marks,
// variation selectors, interlinear and tag characters: nobody sees them, so nobody has asked for them.
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Full-width and mathematical letters and digits: the same letter in another dress. */
const dressed = /[\u{ff01}-\u{ff5e}\u{1d400}-\u{1d7ff}]/gu;

const spaces = /[\t\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/gu;

const lookAlikes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: "a",
    в: "b",
    с: "c",
    е: "e",
    һ: "h",
    і: "i",
    ј: "j",
    к: "k",
    м: "m",
    о: "o",
    р: "p",
    ѕ: "s",
    т: "t",
    у: "y",
    х: "x",
    ԁ: "d",
    ԛ: "q",
    ԝ: "w",
    А: "A",
    В: "B",
    С: "C",
    Е: "E",
    Н: "H",
    І: "I",
    Ј: "J",
    К: "K",
    М: "M",
    О: "O",
    Р: "P",
    Ѕ: "S",
    Т: "T",
    У: "Y",
    Х: "X",
    α: "a",
    ο: "o",
    ν: "v",
    ι: "i",
    ρ: "p",
    Α: "A",
    Β: "B",
    Ε: "E",
    Ζ: "Z",
    Η: "H",
    Ι: "I",
    Κ: "K",
    Μ: "M",
    Ν: "N",
    Ο: "O",
    Ρ: "P",
    Τ: "T",
    Υ: "Y",
    Χ: "X",
    ı: "i",
  }),
);
const latin = /[A-Za-z]/u;
const lookAlike = new RegExp(`[${[...lookAlikes.keys()].join("")}]`, "gu");

/** Only words that mix alphabets are touched: a word wholly in Greek is Greek. */
function unmask(word: string): string {
  if (!latin.test(word)) return word;
  return word.replaceAll(lookAlike, (letter) => lookAlikes.get(letter) ?? letter);
}

/** Makes visible text of what may hold hidden or disguised characters. Newlines stay, and so do offsets of lines. */
export function cleanText(raw: string): CleanText {
  const shown = raw.replaceAll(hidden, "");
  const plain = shown
    .replaceAll(spaces, " ")
    .replaceAll(dressed, (letter) => letter.normalize("NFKC"))
    .normalize("NFC");
  let masked = 0;
  const text = plain.replaceAll(/[\p{L}\p{M}]+/gu, (word) => {
    const real = unmask(word);
    if (real !== word) masked += 1;
    return real;
  });
  return { text, hiddenCharacters: raw.length - shown.length, lookAlikes: masked };
}
