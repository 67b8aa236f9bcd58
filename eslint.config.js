import tseslint from "typescript-eslint";

/** Rooms in which time, randomness, environment, processes and the network come in through ports. */
const pure = [
  "src/kernel/**",
  "src/state/**",
  "src/governance/**",
  "src/delivery/**",
  "src/blueprint/**",
  "src/assurance/**",
  "src/engine/**",
];

/** Values that one place mints; whoever holds one may rely on what it stands for. */
const minted = "/^(Authorization|VerifiedTree|VerifiedCommit|VerifiedGrant)$/";

/** The only files that may say "this is genuine". */
const mints = [
  "src/governance/policy/authorization.ts",
  "src/governance/grants/verified-grant.ts",
  "src/delivery/verification/verified-commit.ts",
];

const tests = ["**/*.test.ts", "**/*.contract.ts"];

const noEnvironment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: "Only src/config and src/main.ts read the environment.",
  },
  {
    selector: "MemberExpression[object.name='process'][property.value='env']",
    message: "Only src/config and src/main.ts read the environment.",
  },
  {
    selector:
      "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env'], ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name='env']",
    message: "Only src/config and src/main.ts read the environment.",
  },
];

const noForgedMint = [
  {
    selector: `:matches(TSAsExpression, TSTypeAssertion, TSSatisfiesExpression) > .typeAnnotation Identifier[name=${minted}], :matches(TSAsExpression, TSTypeAssertion) > TSTypeReference.typeAnnotation > Identifier[name=${minted}]`,
    message: "Minted values come from their mint only; never cast to them.",
  },
  {
    selector: `CallExpression[callee.object.name='z'][callee.property.name='custom']`,
    message: "z.custom believes what it is told; parse the shape.",
  },
  {
    // An instance's own constructor is the mint without its name.
    selector:
      "MemberExpression[property.name='constructor'], MemberExpression[property.value='constructor']",
    message: "Constructors are called by their names.",
  },
];

const noFalseWitness = {
  selector: `TSTypePredicate Identifier[name=${minted}]`,
  message: "Only the mint may say what is genuine (isGenuine).",
};

/** The only caller of the mint for privileged actions: it decides, reserves and records. */
const door = "src/governance/policy/open-door.ts";

/** Engine flows are the only callers of the mints; everybody else is handed what was minted. */
const noStrayMint = [
  {
    selector:
      "MemberExpression[object.name='Authorization']:matches([computed=true], :not([property.name=/^(spend|isGenuine)$/]))",
    message: "Only engine flows authorize; adapters spend.",
  },
  {
    selector:
      "MemberExpression[object.name=/^Verified(Tree|Commit|Grant)$/]:matches([computed=true], :not([property.name='isGenuine']))",
    message: "Only engine flows mint; everybody else checks.",
  },
];

/** Flows give leave for what stays on this machine; for the rest they ask the door. */
const noWayRoundTheDoor = {
  selector:
    "MemberExpression[object.name='Authorization']:matches([computed=true], [property.name='reserve'])",
  message: "Only the door reserves privileged actions.",
};

const noAliasedMint = {
  selector: `:matches(VariableDeclarator > .init, AssignmentExpression > .right, CallExpression > .arguments, NewExpression > .arguments, Property > .value, ClassDeclaration > .superClass, ArrayExpression > .elements)[type='Identifier'][name=${minted}]`,
  message: "A mint keeps its name.",
};

/** Globals through which a pure room could reach the machine, by any name it gives them. */
const machineGlobals = [
  ["The network comes in through a port.", "fetch", "WebSocket", "EventSource", "XMLHttpRequest"],
  ["The process comes in through ports.", "process", "navigator", "console"],
  ["No way around the ports.", "globalThis", "global", "self", "eval", "Function", "require"],
  [
    "Timers come in through ports.",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "Atomics",
    "performance",
  ],
  ["Randomness comes in through Ids.", "crypto"],
  ["The machine's language and time zone stay outside.", "Intl"],
  ["No hidden threads or channels.", "Worker", "BroadcastChannel", "MessageChannel"],
].flatMap(([message, ...names]) => names.map((name) => ({ name, message })));

/** Reflection builds what a private constructor forbids. */
const noReflection = {
  name: "Reflect",
  message: "Reflect.construct passes by private constructors.",
};

const clock = "Time comes in through Clock.";
const randomness = "Randomness comes in through Ids.";

const hiddenIo = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
  { selector: "NewExpression[callee.name='Date'] > SpreadElement", message: clock },
  { selector: "CallExpression[callee.name='Date']", message: clock },
  {
    selector:
      "MemberExpression[object.name='Date'][computed=true], MemberExpression[object.name='Date']:not([property.name=/^(parse|UTC)$/])",
    message: clock,
  },
  {
    // Given another name, Date could be called without being seen.
    selector:
      ":matches(VariableDeclarator > .init, AssignmentExpression > .right, CallExpression > .arguments, NewExpression > .arguments, Property > .value, ClassDeclaration > .superClass, ArrowFunctionExpression > .body, ReturnStatement > .argument, ArrayExpression > .elements)[type='Identifier'][name=/^(Date|Math)$/]",
    message: "Date and Math are used by name only.",
  },
  {
    selector:
      "MemberExpression[object.name='Math'][computed=true], MemberExpression[object.name='Math'][property.name='random']",
    message: randomness,
  },
  {
    selector: "CallExpression[callee.property.name=/^random(UUID|Bytes|Int|FillSync|Fill)$/]",
    message: randomness,
  },
  {
    selector:
      "ImportDeclaration[source.value=/^(node:)?crypto$/] > :matches(ImportDefaultSpecifier, ImportNamespaceSpecifier)",
    message: "Import from node:crypto by name.",
  },
  {
    selector:
      "ImportDeclaration[source.value=/^(node:)?crypto$/] > ImportSpecifier[imported.name=/random|generate|webcrypto|subtle|prime/i]",
    message: randomness,
  },
  {
    selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
    message: "Timers come in through ports.",
  },
  {
    selector: "MemberExpression[property.name=/^(localeCompare|toLocale[A-Z])/]",
    message: "It depends on the machine's language; compare by code unit.",
  },
  { selector: "MetaProperty[meta.name='import']", message: "A pure room does not know its place." },
  { selector: "ImportExpression", message: "No dynamic imports in a pure room." },
  { selector: "TSImportEqualsDeclaration", message: "No require in a pure room." },
];

export default tseslint.config(
  { ignores: ["dist/**", "coverage/**", "node_modules/**", "templates/**", "test/fixtures/**"] },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-unsafe-type-assertion": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/return-await": ["error", "in-try-catch"],
      "@typescript-eslint/require-await": "off",
      // A described @ts-expect-error would still let a private constructor be called.
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true },
      ],
      "no-restricted-syntax": [
        "error",
        ...noEnvironment,
        ...noForgedMint,
        noFalseWitness,
        ...noStrayMint,
        noAliasedMint,
      ],
      "no-restricted-globals": ["error", noReflection],
      eqeqeq: "error",
      "no-console": "error",
      "max-depth": ["error", 4],
      "max-params": ["error", 5],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 20],
    },
  },
  {
    files: pure.map((folder) => `${folder}/*.ts`),
    ignores: tests,
    rules: {
      "no-restricted-syntax": [
        "error",
        ...noEnvironment,
        ...noForgedMint,
        noFalseWitness,
        ...noStrayMint,
        noAliasedMint,
        ...hiddenIo,
      ],
      "no-restricted-globals": ["error", noReflection, ...machineGlobals],
    },
  },
  {
    files: ["src/engine/**/*.ts"],
    ignores: tests,
    rules: {
      "no-restricted-syntax": [
        "error",
        ...noEnvironment,
        ...noForgedMint,
        noFalseWitness,
        noWayRoundTheDoor,
        noAliasedMint,
        ...hiddenIo,
      ],
    },
  },
  {
    files: [door],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...noEnvironment,
        ...noForgedMint,
        noFalseWitness,
        noAliasedMint,
        ...hiddenIo,
      ],
    },
  },
  {
    files: mints,
    rules: {
      "no-restricted-syntax": ["error", ...noEnvironment, ...noForgedMint, ...hiddenIo],
    },
  },
  {
    files: ["src/config/**/*.ts", "src/main.ts"],
    ignores: tests,
    rules: {
      "no-restricted-syntax": [
        "error",
        ...noForgedMint,
        noFalseWitness,
        ...noStrayMint,
        noAliasedMint,
      ],
    },
  },
  {
    // Tests try what the program may not do.
    files: [...tests, "test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"],
    ignores: ["node_modules/**"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "no-restricted-syntax": "off",
      "no-restricted-globals": "off",
      "@typescript-eslint/no-unsafe-type-assertion": "off",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-expect-error": "allow-with-description" },
      ],
      "no-console": "off",
      complexity: "off",
      "max-lines": "off",
      "max-lines-per-function": "off",
    },
  },
  {
    files: ["scripts/**/*.mjs", "bench/**/*.mjs", "*.js"],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...["process", "console", "Buffer", "performance", "URL", "TextDecoder", "TextEncoder"],
          ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate"],
          ...["AbortController", "AbortSignal", "structuredClone", "fetch", "URLSearchParams"],
        ].map((name) => [name, "readonly"]),
      ),
    },
    rules: { "no-undef": "error", eqeqeq: "error" },
  },
);
