/** The part of a stage's configuration that says who reaches the API and the page, and how they sign in. */
import { z } from "zod";

const said = (message: string) => ({ error: message });

const network = z.union(
  [z.cidrv4(), z.cidrv6()],
  said('must be a network in CIDR notation, such as "203.0.113.0/24" or "203.0.113.7/32"'),
);

export const apiConfiguration = z.strictObject({
  /** From where the API and the page may be reached; nobody reaches them while the list is empty. */
  allowedNetworks: z.array(network),
  /** Those of them that are meant although together they admit half the world. @default none */
  acceptedWideNetworks: z.array(network).optional(),
  /** `public`: a regional address. `private`: only through `vpcEndpoints`. */
  endpoint: z.enum(["public", "private"], said('must be "public" or "private"')),
  /** Interface endpoints of execute-api, by AWS region code. */
  vpcEndpoints: z
    .record(
      z.string(),
      z
        .array(
          z
            .string()
            .regex(/^vpce-[0-9a-f]{8,17}$/, said("must be the id of a VPC endpoint, such as vpce-0123456789abcdef0")),
        )
        .min(1, said("must name at least one VPC endpoint")),
    )
    .optional(),
  /** For a region's whole stage: more is answered with 429 and costs nothing. API Gateway's own limit is 10,000. */
  throttling: z.strictObject({
    requestsPerSecond: z.number().min(1, said("must be 1 to 10000")).max(10_000, said("must be 1 to 10000")),
    burst: z
      .number()
      .int(said("must be a whole number"))
      .min(1, said("must be 1 to 5000"))
      .max(5000, said("must be 1 to 5000")),
  }),
  /** Regional web ACLs of AWS WAF, by AWS region code. */
  webAclArns: z
    .record(
      z.string(),
      z.string().regex(/^arn:aws:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]+\/[0-9a-f-]{36}$/, {
        error: ({ input }) =>
          /^arn:aws:wafv2:[a-z0-9-]+:\d{12}:global\//.test(String(input))
            ? "must be the ARN of a regional web ACL, because one of scope CLOUDFRONT (global) stands before CloudFront only"
            : "must be the ARN of a regional web ACL of AWS WAF",
      }),
    )
    .optional(),
  /** Who may give an app's environments databases and buckets that are new to it. */
  registering: z.enum(["app", "every-app"], said('must be "app" or "every-app"')).optional(),
  /** Who issues tokens for people; left out: only keys sign in. */
  oidc: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/, ...said("must be the issuer's https address") }),
      audiences: z.array(z.string().min(1)).min(1, said("must name at least one audience")),
      /** The claim that names a principal. */
      principalClaim: z
        .string()
        .regex(/^[\w:/.-]{1,128}$/, said('must be the name of a claim, such as "email" or "sub"')),
    })
    .optional(),
});
export type ApiConfiguration = z.infer<typeof apiConfiguration>;
