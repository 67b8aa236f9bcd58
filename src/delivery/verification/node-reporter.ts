/**
 * A reporter for `node --test` that writes one JSON line a test. The built-in ones do not say on
 * every supported Node in which file a test stands.
 */
export const nodeReporterSource = `export default async function* report(source) {
  const outer = [];
  for await (const event of source) {
    const data = event.data ?? {};
    if (event.type === "test:start") {
      outer.length = data.nesting;
      outer.push(data.name);
    }
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    if (data.details?.type === "suite") continue;
    const error = data.details?.error;
    yield JSON.stringify({
      file: data.file ?? "",
      name: [...outer.slice(0, data.nesting), data.name].join(" > "),
      outcome: data.skip !== undefined || data.todo !== undefined ? "skipped" : event.type === "test:pass" ? "passed" : "failed",
      message: String(error?.cause?.message ?? error?.message ?? "").slice(0, 2000),
    }) + "\\n";
  }
  yield JSON.stringify({ end: true }) + "\\n";
}
`;

/** Runs unittest discovery, or the given files, and writes one JSON document of results. */
export const unittestRunnerSource = `import json, os, sys, unittest
report, files = sys.argv[1], sys.argv[2:]
results = []
class Recorder(unittest.TextTestResult):
    def note(self, test, outcome, message=""):
        module = sys.modules.get(type(test).__module__)
        path = getattr(module, "__file__", "") or ""
        results.append({"file": os.path.relpath(path) if path else "", "name": test.id(), "outcome": outcome, "message": message.strip().split("\\n")[-1]})
    def addSuccess(self, test):
        super().addSuccess(test); self.note(test, "passed")
    def addError(self, test, error):
        super().addError(test, error); self.note(test, "failed", self._exc_info_to_string(error, test))
    def addFailure(self, test, error):
        super().addFailure(test, error); self.note(test, "failed", self._exc_info_to_string(error, test))
    def addSkip(self, test, reason):
        super().addSkip(test, reason); self.note(test, "skipped", reason)
    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None: self.note(test, "failed", self._exc_info_to_string(error, test))
    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error); self.note(test, "skipped", "expected failure")
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test); self.note(test, "failed", "unexpected success")
sys.path.insert(0, os.getcwd())
loader = unittest.TestLoader()
if files:
    suite = unittest.TestSuite()
    for name in files:
        suite.addTests(loader.discover(os.path.dirname(name) or ".", pattern=os.path.basename(name), top_level_dir=os.path.dirname(name) or "."))
else:
    start = next((name for name in ("tests", "test") if os.path.isdir(name)), ".")
    suite = loader.discover(start, top_level_dir="." if os.path.exists(os.path.join(start, "__init__.py")) else start)
outcome = unittest.TextTestRunner(resultclass=Recorder, verbosity=2).run(suite)
with open(report, "w") as out:
    json.dump({"tests": results}, out)
sys.exit(0 if outcome.wasSuccessful() else 1)
`;
