/** What `-c` gives the app. A name that is misspelt must not mean the default stage. */
import { UsageError } from "./command-arguments";

const OWN = ["stage", "recovery", "adopt", "emptyBundle"] as const;
/** Feature flags and settings of CDK, and what it has looked up and keeps in cdk.context.json. */
const OF_CDK = /^(@aws-cdk[\w-]*\/|aws:|aws-cdk:|cli-|acknowledged-)|:account=\d{12}/;

/** Throws UsageError for a name that nobody reads. */
export const checkContext = (names: readonly string[]): void => {
  const unknown = names.find((name) => !(OWN as readonly string[]).includes(name) && !OF_CDK.test(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `-c ${unknown}=… is not known here; use -c stage=<stage> for a stage, or -c recovery=<region> for what recovers a lost region, and look whether it stands in cdk.json or ~/.cdk.json.`,
  );
};
