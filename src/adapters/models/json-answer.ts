/**
 * The JSON in a model's text: without the fence around it, without sentences before and after. The
 * text itself when there is no such thing in it; whoever asked checks it in any case.
 */
export function jsonOf(text: string): string {
  const trimmed = text.trim();
  if (isJson(trimmed)) return trimmed;
  const fenced = fencedIn(trimmed);
  if (fenced !== undefined && isJson(fenced)) return fenced;
  const start = trimmed.search(/[{[]/);
  const end = Math.max(trimmed.lastIndexOf("}"), trimmed.lastIndexOf("]"));
  const inner = start === -1 || end < start ? trimmed : trimmed.slice(start, end + 1);
  return isJson(inner) ? inner : text;
}

function fencedIn(text: string): string | undefined {
  const open = text.indexOf("```");
  const lineEnd = text.indexOf("\n", open);
  const close = text.lastIndexOf("```");
  return open === -1 || lineEnd === -1 || close <= lineEnd
    ? undefined
    : text.slice(lineEnd + 1, close).trim();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
