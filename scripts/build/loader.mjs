/**
 * What runs the chunks of a packed program: `run(name)` runs one, once, and returns what it exports.
 * `place.script(name)` is the script of the pack (name "") or of a chunk outside it; `place.require`
 * finds whatever is no chunk. Its text is put into the launcher: it may name nothing from outside.
 */
export function chunksOf({ script, require, url }) {
  const exported = new Map();
  const wanted = (name) => (name.startsWith("./") ? run(name.slice(2)) : require(name));
  wanted.resolve = require.resolve;
  // As with modules, nothing is run before whoever asks has gone on.
  const later = (name) => Promise.resolve(name).then(run);
  const exportsOf = (name) => {
    const module = { exports: {} };
    script(name).runInThisContext()(wanted, module, later, url);
    return module.exports;
  };
  const first = exportsOf("");
  function run(name) {
    if (!exported.has(name)) exported.set(name, first[name]?.() ?? exportsOf(name));
    return exported.get(name);
  }
  return run;
}

/** The slice of an open file, whole. Its text is put into the launcher as well. */
export function sliceOf(readSync, file, offset, length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, offset + done);
    if (read === 0) throw new Error("the file is shorter than it was");
    done += read;
  }
  return bytes;
}
