/** The import law of docs/architecture.md. `from` may import only what its `allowed` pattern lists. */
const domain = "governance|delivery|blueprint|assurance";
const table = [
  ["kernel", "^src/kernel/"],
  ["machine", "^src/machine/"],
  ["config", "^src/(config|kernel)/"],
  ["state", "^src/(state|kernel)/"],
  ["governance", "^src/(governance|kernel)/"],
  ["delivery", "^src/(delivery|kernel|governance)/"],
  ["assurance", "^src/(assurance|kernel|governance|delivery)/"],
  ["blueprint", "^src/(blueprint|kernel|governance|delivery)/"],
  ["engine", "^src/(engine|kernel|state|governance|delivery|assurance)/"],
  ["cli", "^src/(cli|kernel|config|engine)/"],
  ["console", "^src/(console|kernel|config|engine)/"],
];
const rooms = table.map(([room]) => room);
const law = table.map(([room, allowed]) => ({
  name: `law-${room}`,
  comment: `${room} imports something that the import table does not allow`,
  severity: "error",
  from: { path: `^src/${room}/`, pathNot: "\\.(test|contract)\\.ts$" },
  to: { path: "^src/", pathNot: allowed },
}));

/** Stages of a room: each imports itself and stages to its left. */
function stages(room, order) {
  return order.map((stage, index) => ({
    name: `law-${room}-${stage}`,
    comment: `${room}/${stage} imports a stage to its right`,
    severity: "error",
    from: { path: `^src/${room}/${stage}/` },
    to: { path: `^src/${room}/(${order.slice(index + 1).join("|") || "-"})/` },
  }));
}

module.exports = {
  forbidden: [
    ...law,
    ...stages("delivery", [
      "requirements",
      "backlog",
      "agent",
      "verification",
      "release",
      "deploy",
      "incidents",
      "patching",
    ]),
    // Policy decides on what grants say; the audit trail records both.
    ...stages("governance", ["keys", "grants", "audit", "policy"]),
    ...stages("blueprint", ["model", "read", "platforms", "plan"]),
    {
      name: "law-blueprint-platforms-apart",
      comment: "platforms know neither the reader nor each other",
      severity: "error",
      from: { path: "^src/blueprint/platforms/([^/]+)/" },
      to: { path: "^src/blueprint/(read/|platforms/(?!$1/)[^/]+/)" },
    },
    {
      name: "law-adapters",
      comment: "adapters see the kernel, the machine, domain ports, state ports and engine ports",
      severity: "error",
      from: { path: "^src/adapters/", pathNot: "\\.(test|contract)\\.ts$" },
      to: {
        path: "^src/",
        pathNot: `^src/(kernel|machine|state|${domain}|engine/ports|adapters)/`,
      },
    },
    {
      name: "law-adapter-families-apart",
      comment: "one adapter family never imports another",
      severity: "error",
      from: { path: "^src/adapters/([^/]+)/", pathNot: "\\.(test|contract)\\.ts$" },
      to: { path: "^src/adapters/", pathNot: "^src/adapters/$1/" },
    },
    {
      name: "law-adapters-live-in-families",
      comment: "an adapter belongs to a family folder",
      severity: "error",
      from: { path: "^src/adapters/[^/]+\\.ts$" },
      to: {},
    },
    {
      name: "law-known-rooms",
      comment: "a new room needs a line in the import table first",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${rooms.join("|")}|adapters|compose)/` },
      to: {},
    },
    {
      name: "law-main",
      comment: "main is the process edge: it knows the command line and, lazily, compose",
      severity: "error",
      from: { path: "^src/main\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(cli|console|config|kernel|engine)/|^src/compose\\.ts$" },
    },
    {
      name: "law-nothing-outside-src",
      comment: "the program is what is in src and in packages",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.(test|contract)\\.ts$" },
      to: { dependencyTypes: ["local"], pathNot: "^src/" },
    },
    {
      name: "law-compose-is-called-by-main-only",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(main|.*\\.test)\\.ts$" },
      to: { path: "^src/compose\\.ts$" },
    },
    {
      name: "law-parts-of-compose-are-for-compose",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/compose(\\.ts$|/)|\\.test\\.ts$" },
      to: { path: "^src/compose/" },
    },
    {
      name: "law-compose",
      severity: "error",
      from: { path: "^src/compose(\\.ts$|/)" },
      to: { path: "^src/(main\\.ts|cli/|console/)" },
    },
    {
      name: "pure-node-built-ins",
      comment: "a pure room uses no Node built-in but crypto and buffer",
      severity: "error",
      from: {
        path: `^src/(kernel|state|${domain}|engine)/`,
        pathNot: "\\.(test|contract)\\.ts$",
      },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|buffer)$" },
    },
    {
      name: "pure-packages",
      comment:
        "a pure room uses no package but zod, and the pure Markdown, TOML and plural parsers (ADR)",
      severity: "error",
      from: {
        path: `^src/(kernel|state|${domain}|engine)/`,
        pathNot: "\\.(test|contract)\\.ts$",
      },
      to: {
        dependencyTypes: [
          "npm",
          "npm-dev",
          "npm-optional",
          "npm-peer",
          "npm-no-pkg",
          "npm-unknown",
        ],
        pathNot:
          "node_modules/(zod|smol-toml|mdast-util-from-markdown|mdast-util-gfm-table|micromark-extension-gfm-table|pluralize|@types/(mdast|pluralize))/",
      },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.(test|contract)\\.ts$" },
      to: { path: "\\.(test|contract)\\.ts$" },
    },
    { name: "no-cycles", severity: "error", from: { path: "^src/" }, to: { circular: true } },
    {
      name: "no-unresolved",
      comment: "mdast is types only: there is an @types/mdast and nothing else",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true, pathNot: "^mdast$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
