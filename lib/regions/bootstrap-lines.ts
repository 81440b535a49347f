/**
 * What has to be done once in an account before the first deployment: asking for regions, CDK's bootstrap, and the role
 * with which API Gateway writes logs. That role is a setting of an account's region, not of an API, so no stack owns it.
 *
 * The lines are a script that may be run again. Whatever relies on something just asked for waits for it, so long and no
 * longer; what could not be done is said, the rest is done, and the script ends with 1.
 */
import type { Stage } from "../config/load-configuration";
import type { Place } from "./nightly-table";

const LOG_ROLE = "apigateway-logs";
const LOG_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/** Enabling a region takes minutes to hours. */
const OPT_IN = { seconds: 60, tries: 120 };
/**
 * API Gateway tries the role, and refuses it while IAM has not spread it; it takes one such request in 20 seconds.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html changes are not always immediately visible
 */
const LOG_ROLE_WAIT = { seconds: 20, tries: 15 };

const HEAD = `
failed=
not_done() { echo "Not done: $1" >&2; failed=1; }
`;

const OPT_IN_FUNCTIONS = `
region_status() { aws account get-region-opt-status --region-name "$1" --query RegionOptStatus --output text; }
enable_region() {
  case "$(region_status "$1")" in
    ENABLED | ENABLED_BY_DEFAULT | ENABLING) ;;
    *) aws account enable-region --region-name "$1" || not_done "$1 could not be asked for" ;;
  esac
}
await_region() {
  tries=${OPT_IN.tries}
  while state=$(region_status "$1"); case "$state" in ENABLED | ENABLED_BY_DEFAULT) false ;; esac; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then not_done "$1 is \${state:-not known} after ${(OPT_IN.seconds * OPT_IN.tries) / 3600} hours; run this again later"; return 1; fi
    sleep ${OPT_IN.seconds}
  done
}
`;

/** A role that a region has already is left as it is, other APIs use it too; and so it is where that can't be told. */
const LOG_ROLE_FUNCTIONS = `
log_role() { aws apigateway get-account --region "$1" --query cloudwatchRoleArn --output text; }
set_log_role() {
  if ! current=$(log_role "$1"); then not_done "API Gateway in $1 does not say which role it has for logs"; return 1; fi
  case "$current" in arn:*) return 0 ;; esac
  tries=${LOG_ROLE_WAIT.tries}
  until said=$(aws apigateway update-account --region "$1" --patch-operations "op=replace,path=/cloudwatchRoleArn,value=$2" 2>&1); do
    tries=$((tries - 1))
    case "$said" in *BadRequestException* | *TooManyRequestsException*) ;; *) tries=0 ;; esac
    if [ "$tries" -eq 0 ]; then not_done "API Gateway in $1 does not take the role $2: $said"; return 1; fi
    sleep ${LOG_ROLE_WAIT.seconds}
  done
  current=$(log_role "$1")
  if [ "$current" != "$2" ]; then not_done "API Gateway in $1 has the role $current for logs instead of $2"; return 1; fi
}
`;

const linesOf = (text: string): readonly string[] => text.trim().split("\n");

const logRoleLines = (target: string, rows: readonly Place[]): readonly string[] => [
  "# API Gateway's role for logs, once an account (an error that says it exists is fine)",
  `aws iam create-role --role-name ${LOG_ROLE} --assume-role-policy-document '${JSON.stringify(TRUST)}'`,
  `aws iam wait role-exists --role-name ${LOG_ROLE} || not_done "there is no role ${LOG_ROLE}"`,
  `aws iam attach-role-policy --role-name ${LOG_ROLE} --policy-arn ${LOG_POLICY} || not_done "the role ${LOG_ROLE} may not write logs"`,
  "# and where a region has none yet",
  ...linesOf(LOG_ROLE_FUNCTIONS),
  ...rows.map(({ region }) => `set_log_role ${region} "arn:aws:iam::${target}:role/${LOG_ROLE}"`),
];

const optInLines = (places: readonly Place[]): readonly string[] =>
  places.length === 0
    ? []
    : [
        "# Regions that have to be asked for, and take minutes to hours",
        ...linesOf(OPT_IN_FUNCTIONS),
        ...places.map(({ name, region }) => `enable_region ${region} # ${name}`),
        ...places.map(({ region }) => `await_region ${region}`),
      ];

/** Shell lines, in an order that works. Every region once, though several replicate into some. */
export const bootstrapLines = ({ account, rows }: Pick<Stage, "account" | "rows">): readonly string[] => {
  const places = new Map<string, Place>(
    rows
      .flatMap((row): Place[] => [row, row.replication, ...row.formerReplicationRegions])
      .map((place) => [place.region, place]),
  );
  const regions = [...places.values()].toSorted((a, b) => a.region.localeCompare(b.region));
  const target = account ?? "$account";
  return [
    "# For sh: save it as a file and run that. It may be run again.",
    ...linesOf(HEAD),
    ...(account === undefined
      ? ['account=$(aws sts get-caller-identity --query Account --output text) || not_done "the account is not known"']
      : []),
    ...optInLines(regions.filter((place) => place.optIn === true)),
    ...regions.flatMap(({ name, region }) => [
      `# ${name}`,
      `npx cdk bootstrap "aws://${target}/${region}" || not_done "${region} is not bootstrapped"`,
    ]),
    ...logRoleLines(
      target,
      rows.toSorted((a, b) => a.region.localeCompare(b.region)),
    ),
    "# Whether everything is done",
    '[ -z "$failed" ]',
  ];
};
