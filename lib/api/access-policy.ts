/**
 * From where the API may be called. It signs people in itself, so API Gateway lets everyone through to it; this
 * policy is the fence around that: it can delete backups, and answers named networks only.
 */
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ApiConfiguration } from "../config/api-schema";

const ALL_METHODS = "execute-api:/*";

const statement = (
  sid: string,
  effect: Effect,
  conditions?: Record<string, Record<string, unknown>>,
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect,
    principals: [new AnyPrincipal()],
    actions: ["execute-api:Invoke"],
    resources: [ALL_METHODS],
    ...(conditions === undefined ? {} : { conditions }),
  });

/** `vpcEndpointIds` are those of the API's own region. */
export const accessPolicy = (
  { allowedNetworks, endpoint }: Pick<ApiConfiguration, "allowedNetworks" | "endpoint">,
  vpcEndpointIds: readonly string[],
): PolicyDocument => {
  const isPrivate = endpoint === "private";
  /** A request through an endpoint comes from an address inside the VPC, which has a condition key of its own. */
  const address = isPrivate ? "aws:VpcSourceIp" : "aws:SourceIp";
  return new PolicyDocument({
    statements: [
      statement("TheApiSignsPeopleIn", Effect.ALLOW),
      /** IAM takes no empty list of networks. */
      allowedNetworks.length === 0
        ? statement("NobodyWhileNoNetworkIsNamed", Effect.DENY)
        : statement("OnlyNamedNetworks", Effect.DENY, { NotIpAddress: { [address]: [...allowedNetworks] } }),
      ...(isPrivate
        ? [
            statement("OnlyNamedVpcEndpoints", Effect.DENY, {
              StringNotEquals: { "aws:SourceVpce": [...vpcEndpointIds] },
            }),
          ]
        : []),
    ],
  });
};
