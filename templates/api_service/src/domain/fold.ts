/** Text as searching and sorting see it: without case and accents. */
export function foldText(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .toUpperCase()
    .toLowerCase();
}

/** Text as uniqueness without case sees it: accents count. */
export function foldCase(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase();
}

/** Several texts as one that search looks in; absent ones are left out. */
export function foldTexts(texts: readonly (string | number | null | undefined)[]): string {
  return foldText(texts.filter((text) => typeof text === "string").join("\n"));
}
