/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  globalSetup: "<rootDir>/test/global-setup.ts",
  testSequencer: "<rootDir>/test/longest-first.js",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "^.+\\.[tj]s$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } } }] },
  modulePathIgnorePatterns: ["<rootDir>/cdk.out", "<rootDir>/.build.*", "<rootDir>/.local"],
  // Jest would leave one processor of two idle.
  maxWorkers: "100%",
  testTimeout: 60_000,
};
