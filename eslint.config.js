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

const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Only src/config and src/main.ts read the environment.",
};

const noForgedMint = {
  selector:
    "TSAsExpression > TSTypeReference > Identifier[name=/^(Authorization|VerifiedTree|VerifiedCommit|VerifiedGrant)$/]",
  message: "Minted values come from their mint only; never cast to them.",
};

const hiddenIo = [
  {
    selector: "CallExpression[callee.name='fetch']",
    message: "The network comes in through a port.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Time comes in through Clock.",
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Time comes in through Clock.",
  },
  {
    selector: "CallExpression[callee.object.name='performance']",
    message: "Time comes in through Clock.",
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "Randomness comes in through Ids.",
  },
  {
    selector: "CallExpression[callee.property.name=/^random(UUID|Bytes|Int)$/]",
    message: "Randomness comes in through Ids.",
  },
  {
    selector:
      "CallExpression[callee.name=/^(random(UUID|Bytes|Int)|setTimeout|setInterval|setImmediate)$/]",
    message: "Randomness and timers come in through ports.",
  },
  { selector: "Identifier[name='process']", message: "The process comes in through ports." },
  { selector: "Identifier[name='globalThis']", message: "No way around the ports." },
  { selector: "ImportExpression", message: "No dynamic imports in a pure room." },
];

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "coverage/**",
      "node_modules/**",
      "templates/**",
      "test/fixtures/**",
      "test/planted/**",
    ],
  },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
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
      "no-restricted-syntax": ["error", noEnvironment, noForgedMint],
      eqeqeq: "error",
      "no-console": "error",
      "max-depth": ["error", 4],
      "max-params": ["error", 5],
      complexity: ["error", 20],
    },
  },
  {
    files: pure.map((folder) => `${folder}/*.ts`),
    ignores: ["**/*.test.ts", "**/*.contract.ts"],
    rules: { "no-restricted-syntax": ["error", noEnvironment, noForgedMint, ...hiddenIo] },
  },
  {
    files: ["src/config/**/*.ts", "src/main.ts"],
    rules: { "no-restricted-syntax": ["error", noForgedMint] },
  },
  {
    files: ["**/*.test.ts", "**/*.contract.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "no-restricted-syntax": "off",
      "@typescript-eslint/no-unsafe-type-assertion": "off",
      "@typescript-eslint/no-floating-promises": "error",
      "no-console": "off",
      complexity: "off",
    },
  },
);
