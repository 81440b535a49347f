/**
 * `npm run --silent scp [-- -c stage=<stage>] [--account <account>]`: prints the service control policy of a stage, one
 * JSON document a line (two where one would be longer than AWS admits), for an organisation's management account. What
 * it is about, and what nothing holds: docs/runbook/break-glass.md.
 */
import { CONTEXT, contextOf, parseCommand, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { controlPolicies, controlPolicyText, LONGEST_POLICY } from "../lib/guards/control-policy";
import { projectContext } from "../lib/config/project-context";
import { runCommand } from "../lib/config/run-command";

const USAGE = "npm run --silent scp -- -c stage=STAGE --account ACCOUNT";
/** What a project chooses in cdk.json, unless it is said here. */
const QUALIFIER = "@aws-cdk/core:bootstrapQualifier";

const main = (): void => {
  const { values } = parseCommand(USAGE, { options: { context: CONTEXT, account: { type: "string" } } });
  const said = contextOf(values.context, USAGE, [QUALIFIER]);
  const stage = loadStage(said.get("stage") ?? "default");
  const account = values.account ?? stage.account;
  if (account === undefined || !/^\d{12}$/.test(account))
    throw new ConfigurationError(
      `config/${stage.stage}.json`,
      "account",
      account === undefined
        ? "the policy names the account, and the stage doesn't say it"
        : `"${account}" is no account`,
      "add it there, or say --account with its twelve digits",
    );
  if (values.account !== undefined && stage.account !== undefined && values.account !== stage.account)
    throw new ConfigurationError(
      `config/${stage.stage}.json`,
      "account",
      `the stage is that of account ${stage.account}, not of ${values.account}`,
      "leave --account out, or choose the stage of that account",
    );
  const policies = controlPolicies({
    stage,
    account,
    qualifier: said.get(QUALIFIER) ?? (projectContext()[QUALIFIER] as string | undefined),
  });
  for (const policy of policies) console.log(controlPolicyText(policy));
  console.error(
    `${policies.length === 1 ? "One policy" : `${policies.length} policies, a line each`}, of ${policies
      .map((policy) => controlPolicyText(policy).length)
      .join(
        " and ",
      )} characters (${LONGEST_POLICY} are allowed). Make the role ${stage.breakGlassRole} first: docs/runbook/break-glass.md.`,
  );
};

runCommand(main, [ConfigurationError, UsageError]);
