/** A comparison that can't be made ends in one sentence before CDK starts. */
import { checkBeforeDiff } from "../../lib/review/before-diff";

const stage = { stage: "production", account: "210987654321" };
const fail = (message: string) => () => {
  throw new Error(message);
};

test.each([
  [
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    /^There are no AWS credentials: sign in/,
  ],
  [
    "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: expired",
    /^The AWS credentials have expired:/,
  ],
  ["Error when retrieving token from sso: Token has expired and refresh failed", /^The AWS credentials have expired:/],
  [
    "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: invalid",
    /^AWS doesn't know these credentials:/,
  ],
  [
    "The config profile (prod) could not be found",
    /^AWS_PROFILE names a profile that doesn't exist \(The config profile/,
  ],
  ["spawnSync aws ENOENT", /^There is no AWS command line/],
  [
    '\nCould not connect to the endpoint URL: "https://sts"',
    /^AWS can't be asked whose credentials these are \(Could not connect/,
  ],
])("%s", (message, says) => {
  expect(() => checkBeforeDiff(stage, ["eu-west-1"], { aws: fail(message) })).toThrow(says);
});

test("credentials of another account", () => {
  expect(() => checkBeforeDiff(stage, ["eu-west-1"], { aws: () => "111111111111\n" })).toThrow(
    "The credentials are of account 111111111111, and stage production is of 210987654321: choose a profile",
  );
});

test("a region without bootstrap, of several", () => {
  const asked: string[] = [];
  const aws = (args: readonly string[]): string => {
    if (args[0] === "sts") return "210987654321\n";
    const region = String(args[args.indexOf("--region") + 1]);
    asked.push(`${region} ${args[args.indexOf("--name") + 1]}`);
    if (region === "eu-central-1") throw new Error("An error occurred (ParameterNotFound) when calling GetParameter");
    return "27";
  };
  expect(() => checkBeforeDiff(stage, ["eu-west-1", "eu-west-1", "eu-central-1"], { aws, qualifier: "mine" })).toThrow(
    "Account 210987654321 is not bootstrapped in eu-central-1: run npx cdk bootstrap aws://210987654321/eu-central-1,",
  );
  expect(asked).toEqual(["eu-west-1 /cdk-bootstrap/mine/version", "eu-central-1 /cdk-bootstrap/mine/version"]);
  expect(() => checkBeforeDiff(stage, ["eu-west-1"], { aws })).not.toThrow();
});
