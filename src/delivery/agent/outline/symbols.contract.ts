import { describe, expect, it } from "vitest";
import type { SymbolReader } from "./symbols.port.ts";

const typescript = `import { x } from "./x.ts";
export const limit = 3, other = () => 1;
export async function addItem(cart: Cart): Promise<void> {
  const inner = 1;
  function hidden() {}
}
export default class Cart<T> {
  #items = [];
  total(): number { return 0; }
  static of() {}
}
export interface Item { name: string }
type Id = string;
export enum Color { red }
declare function later(): void;
const text = "\\
export function notThis() {}\\
";
`;

const python = `"""
def not_this(): pass
"""
LIMIT = 3

@decorated
def add_item(cart):
    def hidden(): pass

class Cart(Base):
    @property
    def total(self):
        return 0

    async def save(self): ...
`;

const hostile: readonly (readonly [name: string, text: string])[] = [
  ["open brackets", "[".repeat(1_000_000)],
  ["open brackets in a file of usual size", "[".repeat(20_000)],
  ["type arguments that may be comparisons", "a<".repeat(20_000)],
  ["templates in templates", "`${".repeat(8_000)],
  ["one statement a character", ";".repeat(30_000)],
  ["numbers without end", "1\n".repeat(20_000)],
  ["bytes that are no text", "\u0000\uFFFD\uD800".repeat(1_000)],
  ["nothing", ""],
];

/** What every SymbolReader must do; adapters' tests call it. */
export function symbolReaderContract(name: string, open: () => SymbolReader): void {
  const told = async (path: string, text: string): Promise<readonly string[]> =>
    (await open().symbolsOf(path, text)).map((one) => `${one.line} ${one.kind} ${one.name}`);

  describe(`${name}: symbols`, { timeout: 60_000 }, () => {
    it("are what a TypeScript file declares, and no text that looks like it", async () => {
      expect(await told("src/cart.ts", typescript)).toEqual([
        ...["2 value limit", "2 function other", "3 function addItem", "7 class Cart"],
        ...["9 method Cart.total", "10 method Cart.of", "12 interface Item", "13 type Id"],
        ...["14 enum Color", "15 function later", "16 value text"],
      ]);
    });

    it("are read from JavaScript and from components too", async () => {
      expect(await told("a.mjs", "export function a() {}\nvar b = 1;")).toEqual([
        ...["1 function a", "2 value b"],
      ]);
      expect(await told("a.tsx", "export const App = () => <a>{1}</a>;")).toEqual([
        "1 function App",
      ]);
    });

    it("are what a Python file declares", async () => {
      expect(await told("shop/cart.py", python)).toEqual([
        ...["4 value LIMIT", "7 function add_item", "10 class Cart"],
        ...["12 method Cart.total", "15 method Cart.save"],
      ]);
    });

    it("of what is whole in a broken file are still found", async () => {
      const symbols = await told("a.ts", "export function a() {}\nexport class {{{ \n");
      expect(symbols).toContain("1 function a");
    });

    it("are not looked for in other files", async () => {
      const reader = open();
      for (const path of ["README.md", "a.json", "a", "ts", "a.min.js", "a.constructor"]) {
        expect(reader.understands(path), path).toBe(false);
        expect(await reader.symbolsOf(path, typescript)).toEqual([]);
      }
      expect(reader.understands("src/a.ts")).toBe(true);
    });

    it.each(hostile)("of %s harm nothing and are the same every time", async (_, text) => {
      const reader = open();
      for (const path of ["a.ts", "a.py", "a.js"]) {
        const first = await reader.symbolsOf(path, text);
        expect(first.length).toBeLessThanOrEqual(400);
        expect(await reader.symbolsOf(path, text)).toEqual(first);
      }
      expect((await reader.symbolsOf("a.ts", "class A {}")).length).toBe(1);
    });
  });
}
