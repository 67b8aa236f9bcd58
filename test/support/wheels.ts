import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Writes wheels, each with its files and the requirements that it names, into a folder that pip can take them from. */
export async function writeWheels(
  folder: string,
  wheels: readonly {
    readonly name: string;
    readonly version: string;
    readonly files: Readonly<Record<string, string>>;
    readonly requires?: readonly string[];
  }[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, version, files, requires = [] } of wheels) {
    const info = `${name}-${version}.dist-info`;
    const metadata = [
      ...["Metadata-Version: 2.1", `Name: ${name}`, `Version: ${version}`],
      ...requires.map((one) => `Requires-Dist: ${one}`),
    ];
    const all: Readonly<Record<string, string>> = {
      ...files,
      [`${info}/METADATA`]: `${metadata.join("\n")}\n`,
      [`${info}/WHEEL`]: "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    };
    const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
    const input = JSON.stringify({ ...all, [`${info}/RECORD`]: record });
    execFileSync("python3", ["-c", zip, join(folder, `${name}-${version}-py3-none-any.whl`)], {
      input,
    });
  }
}

const zip = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as out:
    for path, text in json.load(sys.stdin).items(): out.writestr(path, text)
`;

/** Runs plain test functions and writes the report of pytest: what is asked of it, and no more. */
export const standInForPytest = {
  name: "pytest",
  version: "8.0.0",
  files: {
    "pytest/__init__.py": "",
    "pytest/__main__.py": `import glob, importlib.util, os, sys
sys.path.insert(0, os.getcwd())
report = next(one[len("--junitxml="):] for one in sys.argv if one.startswith("--junitxml="))
files = [one for one in sys.argv[1:] if one.endswith(".py")] or sorted(glob.glob("tests/test_*.py"))
cases, modules, failed = [], [], 0
for file in files:
    spec = importlib.util.spec_from_file_location(os.path.basename(file)[:-3], file)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        modules.append((file, module))
    except Exception:
        failed += 1
        cases.append(f'<testcase classname="" file="{file}" name="{spec.name}"><error message="collection failure">x</error></testcase>')
# One file that cannot be loaded, and none is run.
for file, module in [] if failed else modules:
    for name in [one for one in vars(module) if one.startswith("test")]:
        try:
            getattr(module, name)()
            cases.append(f'<testcase classname="tests" file="{file}" name="{name}"/>')
        except AssertionError:
            failed += 1
            cases.append(f'<testcase classname="tests" file="{file}" name="{name}"><failure message="assert">x</failure></testcase>')
with open(report, "w") as out: out.write("<testsuites><testsuite>" + "".join(cases) + "</testsuite></testsuites>")
sys.exit(1 if failed else 0)
`,
  },
} as const;
