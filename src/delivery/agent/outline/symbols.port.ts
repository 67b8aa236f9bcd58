/** Something that a source file declares and other code can name. */
export interface FileSymbol {
  /** `addItem`; `Cart.total` for a method. */
  readonly name: string;
  readonly kind: "function" | "class" | "method" | "interface" | "type" | "enum" | "value";
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Reads what source files declare. The same text always gives the same symbols: a first prompt is
 * made of them, and a resumed attempt must make the same prompt again.
 */
export interface SymbolReader {
  /** Whether files of this name can be read at all; loads nothing. */
  understands(path: string): boolean;
  /**
   * Symbols at the top of a file and methods of its classes, in the order of their lines. Never
   * throws: a text that cannot be read, is too large or takes too long has none.
   */
  symbolsOf(path: string, text: string): Promise<readonly FileSymbol[]>;
}
