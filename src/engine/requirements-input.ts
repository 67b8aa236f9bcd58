/** Where requirements come from: exactly one. */
export type RequirementsInput =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "stdin" };
