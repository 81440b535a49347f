/**
 * What a comparison with what is deployed needs, asked before CDK starts: of these CDK says little, and late. Only reads.
 */
import type { Stage } from "../config/load-configuration";
import { runAws, type RunAws } from "./fetch-deployed";
import { ReviewError } from "./review-error";

/** CDK's own. */
const QUALIFIER = "hnb659fds";

/** `regions`: of all stacks that are compared. Throws ReviewError with one sentence. */
export const checkBeforeDiff = (
  { stage, account }: Pick<Stage, "stage" | "account">,
  regions: readonly string[],
  { aws = runAws, qualifier = QUALIFIER }: { readonly aws?: RunAws; readonly qualifier?: string | undefined } = {},
): void => {
  const [first = "us-east-1"] = regions;
  let caller: string;
  try {
    caller = aws(["sts", "get-caller-identity", "--region", first, "--query", "Account", "--output", "text"]).trim();
  } catch (error) {
    throw new ReviewError(whoIsAsking((error as Error).message), { cause: error });
  }
  if (account !== undefined && caller !== account)
    throw new ReviewError(
      `The credentials are of account ${caller}, and stage ${stage} is of ${account}: choose a profile of that account (AWS_PROFILE), or another stage (-c stage=).`,
    );
  for (const region of new Set(regions)) {
    const parameter = `/cdk-bootstrap/${qualifier}/version`;
    try {
      aws(["ssm", "get-parameter", "--region", region, "--name", parameter, "--output", "text"]);
    } catch (error) {
      const message = (error as Error).message;
      /** Who may not read it may still take on CDK's roles, which do. */
      if (/AccessDenied/.test(message)) continue;
      throw new ReviewError(
        /ParameterNotFound/.test(message)
          ? `Account ${caller} is not bootstrapped in ${region}: run npx cdk bootstrap aws://${caller}/${region}, or what npm run --silent bootstrap-lines prints.`
          : `${region} can't be asked whether it is bootstrapped (${lastLine(message)}): mend that, and try again.`,
        { cause: error },
      );
    }
  }
};

const lastLine = (message: string): string => message.trim().split("\n").at(-1) ?? "";

const whoIsAsking = (message: string): string => {
  if (/ENOENT/.test(message)) return "There is no AWS command line (aws): install it, and sign in with it.";
  if (/Unable to locate credentials|NoCredentials|NoAuthHandler/i.test(message))
    return "There are no AWS credentials: sign in (aws sso login, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and try again.";
  if (/expired|refresh failed|ExpiredToken/i.test(message))
    return "The AWS credentials have expired: sign in again (aws sso login), and try again.";
  if (/InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|AuthFailure|Partial credentials/i.test(message))
    return "AWS doesn't know these credentials: look at AWS_PROFILE and AWS_ACCESS_KEY_ID, sign in, and try again.";
  if (/config profile .* could not be found/i.test(message))
    return `AWS_PROFILE names a profile that doesn't exist (${lastLine(message)}): choose one of aws configure list-profiles.`;
  return `AWS can't be asked whose credentials these are (${lastLine(message)}): mend that, and try again.`;
};
