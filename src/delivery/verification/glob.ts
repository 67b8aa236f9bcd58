/** Whether a relative path matches one of the globs: `**`, `*`, `?`, `{a,b}`. */
export function matchesGlob(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => expressionOf(glob).test(path));
}

const known = new Map<string, RegExp>();

function expressionOf(glob: string): RegExp {
  const cached = known.get(glob);
  if (cached !== undefined) return cached;
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|\?|\{([^}]*)\}|[.+^$()|[\]\\]/g, (part, list) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (typeof list === "string") return `(?:${list.split(",").join("|")})`;
    return `\\${part}`;
  });
  const expression = new RegExp(`^${source}$`);
  known.set(glob, expression);
  return expression;
}
