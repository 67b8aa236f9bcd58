/** `a` or `an`, by how the noun starts to sound: `a user`, `an owner`. */
export function articleOf(noun: string): "a" | "an" {
  return /^[aeiou]/i.test(noun) && !/^(uni|use|one|eu)/i.test(noun) ? "an" : "a";
}
