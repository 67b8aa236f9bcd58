import { basename } from "node:path";

/** What scripts are given. */
const parameters = "(require,module,__later,__url)";
const shape = {
  format: "cjs",
  platform: "node",
  target: "node20",
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  sourcemap: "external",
  sourcesContent: false,
  supported: { "dynamic-import": false },
  logLevel: "error",
};

/** The chunks of a bundle, in its order: `name` and `text`, a module in which `import()` of a chunk is a call of `__later`. */
export function modulesOf({ outputFiles, metafile }) {
  const textOf = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith(".js"));
  return outputs.map(([path, { imports }]) => {
    const name = basename(path);
    const map = Buffer.from(textOf.get(`${name}.map`)).toString("base64");
    const text = laterImports(textOf.get(name), imports);
    return { name, text: `${text}\n//# sourceMappingURL=data:application/json;base64,${map}\n` };
  });
}

/** One script of several chunks, in one scope: none has to look up what it wants of another. */
async function together(build, modules) {
  const members = modules.map(({ name }) => `"${name}":()=>require("./${name}")`);
  const { outputFiles } = await build({
    ...shape,
    stdin: {
      contents: `module.exports={${members.join(",")}};`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    outfile: "first.cjs",
    plugins: [
      {
        name: "chunks",
        setup(bundler) {
          bundler.onResolve({ filter: /.*/ }, ({ path }) =>
            path.startsWith("./")
              ? { path: path.slice(2), namespace: "chunk" }
              : { path, external: true },
          );
          bundler.onLoad({ filter: /.*/, namespace: "chunk" }, ({ path }) => ({
            contents: modules.find(({ name }) => name === path).text,
            loader: "js",
          }));
        },
      },
    ],
  });
  const part = (end) => outputFiles.find(({ path }) => path.endsWith(end)).text;
  return { text: asciiOnly(part(".cjs").trimEnd()), map: JSON.parse(part(".map")) };
}

/** A script of one chunk. */
async function alone(transform, { name, text }) {
  const { code, map } = await transform(text, { ...shape, sourcefile: name });
  return { text: asciiOnly(code.trimEnd()), map: JSON.parse(map) };
}

function laterImports(text, imports) {
  let changed = text;
  const inner = imports.filter((one) => one.kind === "dynamic-import" && one.external !== true);
  for (const name of new Set(inner.map(({ path }) => basename(path)))) {
    const call = `import("./${name}")`;
    // Named by their content: nothing else reads like that.
    if (!changed.includes(call)) throw new Error(`a chunk no longer holds: ${call}`);
    changed = changed.replaceAll(call, () => `__later(${JSON.stringify(name)})`);
  }
  return changed;
}

/**
 * One file: a script of all chunks in `first`, then each other one as a script of its own. Returns
 * its `text`, its source `map` and `places`: offset, length and line by name, "" for the first script.
 */
export async function packed({ build, transform }, modules, first) {
  const places = {};
  const sections = [];
  let text = "";
  let line = 0;
  const add = (name, script) => {
    sections.push({ offset: { line: line + 1, column: 0 }, map: script.map });
    const whole = `(${parameters}=>{\n${script.text}\n})\n`;
    places[name] = [text.length, whole.length, line];
    text += whole;
    line += whole.split("\n").length - 1;
  };
  const isFirst = ({ name }) => first.has(name);
  add("", await together(build, modules.filter(isFirst)));
  const others = modules.filter((one) => !isFirst(one));
  const scripts = await Promise.all(others.map((one) => alone(transform, one)));
  for (const [index, { name }] of others.entries()) add(name, scripts[index]);
  return { text, map: { version: 3, sections }, places };
}

/**
 * The same program in ASCII, which is read as single bytes when it starts. The bundler leaves other
 * characters in patterns alone, where an escape means the same.
 */
function asciiOnly(text) {
  if (/\braw`[^`]*[^\0-\x7f]/.test(text)) throw new Error("a raw template is not ASCII");
  return text.replaceAll(/(\\?)([^\0-\x7f])/g, (_whole, slash, unit) => {
    if (slash !== "") throw new Error("a character that is not ASCII is escaped by a backslash");
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
