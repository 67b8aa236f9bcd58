/** Colours text; every function gives the text back unchanged when colour is off. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** SGR codes that begin and end each style. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const satisfies Record<keyof Paint, readonly [number, number]>;

/** Paint for an output of which it is known whether it wants colour. */
export function createPaint(enabled: boolean): Paint {
  const style = (name: keyof Paint) => {
    const [begin, end] = codes[name];
    return (text: string) => (enabled ? `\u001b[${begin}m${text}\u001b[${end}m` : text);
  };
  return {
    bold: style("bold"),
    dim: style("dim"),
    red: style("red"),
    green: style("green"),
    yellow: style("yellow"),
    cyan: style("cyan"),
  };
}

/** What of the environment decides on colour. */
export interface ColorWishes {
  readonly NO_COLOR?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/**
 * Whether to colour: NO_COLOR (not empty) says no, FORCE_COLOR says yes unless it is `0` or
 * `false`, otherwise a terminal that is not dumb does.
 */
export function wantsColor(wishes: ColorWishes, isTerminal: boolean): boolean {
  if (wishes.NO_COLOR !== undefined && wishes.NO_COLOR !== "") return false;
  if (wishes.FORCE_COLOR !== undefined)
    return wishes.FORCE_COLOR !== "0" && wishes.FORCE_COLOR !== "false";
  return isTerminal && wishes.TERM !== "dumb";
}
