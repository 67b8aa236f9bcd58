const wish =
  /\b(must|should|shall|can|cannot|could|may|might|will|would|want|wants|need to|needs to|has to|have to|please|let's|never|nobody|make sure|allow|allows|let|lets)\b/i;

/** Questions under which the answer stands, `What readers can do`: titles, whatever words are in them. */
const title =
  /^(what|who|whom|whose|why|how|where|when|which|must[- ]haves?\b|should[- ]haves?\b|could[- ]haves?\b|nice to have|can wait|wants?\b|needs?\b|(\p{L}+ ){0,3}(needs|wants|must|can|may|should)$|the (things|features|rules) )/iu;

const finalMark = /[.!?]["'”’)\]]?$/;
const numbering = /^(?:[\d.]+|[A-Z])[.):]? /;

/**
 * True for a heading that asks for something by itself, `Readers can delete a note` or `As a reader I
 * want ...`: it is traced like any other sentence. A title (`What readers can do`) is not.
 */
export function saysSomething(heading: string): boolean {
  const text = heading.replace(numbering, "");
  const words = text.split(" ").length;
  if (words < 3 || title.test(text)) return false;
  return wish.test(text) || (words >= 4 && finalMark.test(text));
}
