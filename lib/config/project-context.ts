/** What the project's cdk.json gives every app as its context. CDK's command line reads it by itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const projectContext = (): Readonly<Record<string, unknown>> =>
  (
    JSON.parse(readFileSync(join(__dirname, "..", "..", "cdk.json"), "utf8")) as {
      readonly context: Readonly<Record<string, unknown>>;
    }
  ).context;
