import { code, page, table } from "./markdown.mjs";

const places = { project: "project", home: "home" };

function shown(value) {
  if (value === undefined) return "not set";
  if (Array.isArray(value)) return value.length === 0 ? "empty" : code(value.join(","));
  return code(String(value));
}

function section(name, option, describeType) {
  const conventions = (option.conventions ?? []).map(
    (one) => `${code(one.name)} (means ${code(one.value)})`,
  );
  const facts = [
    ["Value", describeType(option.type)],
    ["Default", shown(option.default)],
    ["Flag", option.flag === undefined ? "none" : code(option.flag)],
    ["Environment", [code(option.env), ...conventions].join(", then ")],
    ["Files", option.files.map((place) => places[place]).join(", ") || "none"],
  ];
  return [`## ${name}`, option.description, table(["", ""], facts)].join("\n\n");
}

export function renderConfig(options, describeType) {
  const example = { provider: "blueprint", maxTaskAttempts: 3 };
  return page([
    "# Configuration",
    "An option has the value of the first that sets it: the flag, the environment variable, the project's file `<project>/.autosd/config.json`, the home file `<AUTOSD_HOME>/config.json`, the default. `autosd config show` prints each value and who decided it.",
    "Both files are JSON objects; unknown keys and values that an option cannot have are errors. A project's file comes with the project, so it sets nothing that widens what autosd may reach. A relative path starts at the file that holds it, or at the current folder; `~` is your home folder; relative defaults are in the home folder of autosd.",
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
    ...Object.entries(options).map(([name, option]) => section(name, option, describeType)),
  ]);
}
