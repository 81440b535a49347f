/** ARNs of a stage stand in its account: what is in another is not found at deployment. */
import { ConfigurationError } from "./configuration-error";
import type { StageConfiguration } from "./schema";

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

export const checkAccounts = (file: string, { account, api, permissionsBoundary }: StageConfiguration): void => {
  const arns = [
    ...(permissionsBoundary === undefined ? [] : [["permissionsBoundary", permissionsBoundary] as const]),
    ...Object.entries(api.webAclArns ?? {}).map(([region, arn]) => [`api.webAclArns.${region}`, arn] as const),
    // Policies that AWS manages are every account's.
  ].filter(([, arn]) => accountOf(arn) !== "aws");
  const [first] = arns;
  const expected = account ?? (first === undefined ? "" : accountOf(first[1]));
  const other = arns.find(([, arn]) => accountOf(arn) !== expected);
  if (other === undefined) return;
  throw new ConfigurationError(
    file,
    other[0],
    `its ARN is of account ${accountOf(other[1])}, and ${account === undefined ? `${first?.[0] ?? ""} is` : "the stage is"} of ${expected}`,
    "name what stands in the stage's account",
  );
};
