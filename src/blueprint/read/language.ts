import type { RequirementsDocument } from "../../delivery/requirements/document.ts";

/** Why a sentence in another language is not read. */
export const onlyEnglish = "is not in English: only English is read by blueprint";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Small words, none of which is also a common small word of one of the others. */
const english = words(
  "the of and to is are be with for that it as by from this have has can must should not when which who they their its on at or no may will if any each every all into was were there more than only also been so but what how about between after before we you our your them these those one two",
);
const others = words(
  "der das und ist ein eine einen einem einer nicht mit für auf kann können soll sollen muss müssen werden wird man sich auch oder dem den des bei nach aus wenn dass alle jede jeder " +
    "le les une est et pour dans doit doivent peut peuvent avec que qui sur ou ne pas aux du être sont chaque il elle ses leur leurs " +
    "el los las una es y para con debe deben puede pueden por que se su sus cada lo cuando como más " +
    "il lo gli della dei delle è per con deve devono può possono che ogni sono una uno nel alla " +
    "o os as um uma é não pode podem dos das na ao seu sua são você " +
    "het een van voor moet moeten kunnen niet wordt worden zijn deze elke bij ook naar " +
    "och att som är en ett den det med för på kan ska inte av till " +
    "i oraz jest się na że nie może musi każdy każda przez dla lub " +
    "ve bir bu için ile olmalı olarak her",
);
/** English words among them prove nothing either way. */
const shared = words("as i on in an a no is one me do so or at to was were den den van");

const minForeignHits = 2;
const latinLetters = /\p{Script=Latin}/gu;
const letters = /\p{L}/gu;

/** True when a sentence is more likely in another language than in English; names and lists of words are not. */
export function isForeign(text: string): boolean {
  const all = text.match(letters)?.length ?? 0;
  const latin = text.match(latinLetters)?.length ?? 0;
  if (all >= 4 && latin * 2 < all) return true;
  const found = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  const foreign = found.filter((word) => others.has(word) && !shared.has(word)).length;
  const own = found.filter((word) => english.has(word)).length;
  if (foreign >= minForeignHits && foreign > own) return true;
  return own === 0 && foreign >= 1 && /[äöüßéèêëàâçñõøåæœłąęśżźćńığş]/iu.test(text);
}

/** Share of the sentences beyond which a document is not read at all: half of it would be guessed. */
const maxForeignShare = 0.4;

/** True for a document that is written in another language, apart from some sentences perhaps. */
export function isMostlyForeign(document: RequirementsDocument): boolean {
  const told = document.sentences.filter(({ kind }) => kind !== "code" && kind !== "meta");
  const foreign = told.filter(({ text }) => isForeign(text)).length;
  return foreign > 0 && foreign > told.length * maxForeignShare;
}
