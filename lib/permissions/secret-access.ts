/** The databases' secrets: read by the database task alone, chosen by tag. */
import type { ServiceRegion } from "../service-region";
import { allow, type Grantee } from "./allow";

const TAGGED =
  "Environments come and go without a deployment: their secrets and keys are known by a tag, which the condition demands.";

export const grantReadSecrets = (grantee: Grantee, { account, row, stage }: ServiceRegion): void => {
  const tag = { [`aws:ResourceTag/${stage.resourceTag.key}`]: stage.resourceTag.value };
  allow(grantee, {
    actions: ["secretsmanager:GetSecretValue"],
    resources: [`arn:aws:secretsmanager:${row.region}:${account}:secret:*`],
    conditions: { StringEquals: tag },
    wildcard: TAGGED,
  });
  allow(grantee, {
    actions: ["kms:Decrypt"],
    resources: [`arn:aws:kms:${row.region}:${account}:key/*`],
    conditions: { StringEquals: { ...tag, "kms:ViaService": `secretsmanager.${row.region}.amazonaws.com` } },
    wildcard: TAGGED,
  });
};
