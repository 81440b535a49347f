/**
 * `npm run quotas -- -c stage=<stage> --environments <number>`: what a stage with so many environments in each region
 * needs of AWS's quotas, and the commands that ask for more. Asks nobody and writes nothing.
 */
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../lib/assets/bundle";
import { CONTEXT, parseCommand, stageOf, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { countResources } from "../lib/quotas/count-resources";
import { environmentsOf, minutesOf, QuotaInputError } from "../lib/quotas/quota-input";
import { needsOf } from "../lib/quotas/needs";
import { quotaLines } from "../lib/quotas/quota-lines";
import { recoveryApp, serviceApp } from "../lib/service-app";
import { projectContext } from "../lib/config/project-context";
import { runCommand } from "../lib/config/run-command";

const USAGE = "npm run --silent quotas -- -c stage=STAGE --environments NUMBER";
const OPTIONS = {
  context: CONTEXT,
  /** A number for every region, or `<region>=<number>`; may be given more than once. */
  environments: { type: "string", multiple: true },
  "dump-minutes": { type: "string", default: "15" },
  "pack-minutes": { type: "string", default: "15" },
  "new-account": { type: "boolean", default: false },
} as const;

const main = (): void => {
  const { values } = parseCommand(USAGE, { options: OPTIONS, allowPositionals: false });
  const stage = loadStage(stageOf(values.context, USAGE));
  const regions = stage.rows.map(({ region }) => region);
  const environments = environmentsOf(values.environments ?? [], regions);
  const dumpMinutes = minutesOf("--dump-minutes", values["dump-minutes"]);
  const packMinutes = minutesOf("--pack-minutes", values["pack-minutes"]);
  const bundle = emptyBundle();
  const context = projectContext();
  /** One region is lost at a time. */
  const [lost] = stage.rows;
  const needs = needsOf({
    rows: stage.rows,
    environmentsIn: (region) => environments.get(region) ?? 0,
    dumpMinutes,
    packMinutes,
    vcpu: stage.databaseTask.vcpu,
    requestsPerSecond: stage.api.throttling.requestsPerSecond,
    counts: countResources(serviceApp(stage, bundle, new App({ context }))),
    recoveryCounts:
      lost === undefined ? new Map() : countResources(recoveryApp(stage, lost, bundle, new App({ context }))),
  });
  const counted = [...new Set(environments.values())];
  const [same] = counted;
  const spread =
    counted.length === 1
      ? `${same ?? 0} environments in each of ${regions.length} regions`
      : [...environments].map(([region, count]) => `${count} environments in ${region}`).join(", ");
  const lines = quotaLines(needs, {
    isNew: values["new-account"],
    assumptions: [
      `Stage ${stage.stage}: ${spread}; a dump takes ${dumpMinutes} minutes, and packing what it names ${packMinutes} (--dump-minutes, --pack-minutes).`,
      values["new-account"]
        ? "The account is taken for a new one (--new-account)."
        : "The account is taken for one that is some weeks old; for a new one add --new-account.",
      "With less the service works too: backups wait for each other, and the first night takes longer.",
    ],
  });
  for (const line of lines) console.log(line);
};

/** Templates are only counted here. */
process.env["CDK_VALIDATION"] = "false";
runCommand(main, [ConfigurationError, QuotaInputError, UsageError]);
