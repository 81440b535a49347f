/** A name after -c that nobody reads stops synth, instead of meaning the default stage. */
import { App } from "aws-cdk-lib";
import { checkContext } from "../../lib/config/app-context";
import { UsageError } from "../../lib/config/command-arguments";
import { projectContext } from "../../lib/config/project-context";

test.each(["stag", "Stage", "stages", "env", "account", "recover", "recoveryRegion", "emptybundle", "stage "])(
  "-c %s=…",
  (name) => {
    expect(() => checkContext(["stage", name])).toThrow(UsageError);
    expect(() => checkContext([name])).toThrow(`-c ${name}=… is not known here; use -c stage=<stage> for a stage`);
  },
);

test("what CDK and the app themselves read passes", () => {
  const context = {
    ...projectContext(),
    stage: "default",
    recovery: "eu-central-1",
    adopt: "true",
    emptyBundle: "true",
    "aws:cdk:enable-path-metadata": true,
    "aws:cdk:bundling-stacks": ["**"],
    "@aws-cdk/core:bootstrapQualifier": "mine",
    "availability-zones:account=123456789012:region=eu-central-1": ["eu-central-1a"],
  };
  const { node } = new App({ context });
  expect(() => checkContext(Object.keys(node.getAllContext() as object))).not.toThrow();
});
