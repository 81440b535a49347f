/** What stops synth, by what is wrong: the changes to the default stage, and the sentence. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJsonWithComments } from "../../lib/config/json-with-comments";

const DEFAULT = join(__dirname, "..", "..", "config", "default.json");
export const defaults = parseJsonWithComments(readFileSync(DEFAULT, "utf8")) as Record<string, unknown>;

export const apiWith = (changes: Record<string, unknown>): Record<string, unknown> => ({
  api: { ...(defaults["api"] as object), ...changes },
});
export const WEB_ACL =
  "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/fence/01234567-89ab-cdef-0123-456789abcdef";

/** Lists of networks that can't mean what they say: the place in the list, and the sentence. */
const NETWORKS: readonly (readonly [string, readonly string[], string])[] = [
  [
    "IPv4 written as IPv6",
    ["::ffff:cb00:7100/120"],
    '[0]: "::ffff:cb00:7100/120" is IPv4 written as IPv6, and no request comes from such an address; write "203.0.113.0/24".',
  ],
  [
    "IPv4 written as IPv6, and more than IPv4 has",
    ["203.0.113.0/24", "::ffff:0:0/90"],
    '[1]: "::ffff:0:0/90" is IPv4 written as IPv6, and no request comes from such an address; write the IPv4 network itself.',
  ],
  [
    "an address in the middle of a network",
    ["203.0.113.7/24"],
    '[0]: "203.0.113.7/24" is neither a network, which begins at 203.0.113.0, nor one address; write "203.0.113.0/24" or "203.0.113.7/32".',
  ],
  [
    "an IPv6 address in the middle of a network",
    ["2001:DB8:0:1::7/64"],
    '[0]: "2001:DB8:0:1::7/64" is neither a network, which begins at 2001:db8:0:1::, nor one address; write "2001:db8:0:1::/64" or "2001:DB8:0:1::7/128".',
  ],
  [
    "everyone by IPv6 beside an IPv4 network",
    ["203.0.113.0/24", "::/0"],
    '[1]: "::/0" admits everyone by IPv6, while by IPv4 only some networks are admitted; name networks in its place, or add "0.0.0.0/0" if everyone is meant.',
  ],
  [
    "everyone by IPv6 alone",
    ["::/0"],
    '[0]: "::/0" admits everyone by IPv6, while by IPv4 nobody is admitted; name networks in its place, or add "0.0.0.0/0" if everyone is meant.',
  ],
  [
    "everyone by IPv4 beside an IPv6 network",
    ["2001:db8::/32", "0.0.0.0/0"],
    '[1]: "0.0.0.0/0" admits everyone by IPv4, while by IPv6, which clients prefer, only some networks are admitted; add "::/0", leave the IPv6 networks out, or name networks in its place.',
  ],
  ...[
    "10.1.0.0/16",
    "172.20.0.0/16",
    "192.168.1.0/24",
    "100.64.0.0/10",
    "127.0.0.1/32",
    "169.254.0.0/16",
    "fd00::/8",
    "fe80::/10",
    "::1/128",
  ].map(
    (network) =>
      [
        `a public API reached from ${network}`,
        [network],
        `[0]: "${network}" is inside a private or reserved range, and requests to a public API come from public addresses; name the addresses from which your network reaches the internet, or set api.endpoint to "private".`,
      ] as const,
  ),
];

export const REFUSED: readonly (readonly [what: string, changes: Record<string, unknown>, sentence: string])[] = [
  [
    "wrong key",
    { lockmode: "governance" },
    'test.json: "lockmode" is no setting; use one of account, prefix, regions, lockMode, replicationDefault, api, concurrency, fileBuckets, resourceTag, notify, databaseTask, drills, breakGlassRole, deploymentRoles, permissionsBoundary, tags, logRetentionDays, runbookUrl.',
  ],
  [
    "wrong key inside",
    { fileBuckets: { read: ["a-files"], write: ["a-files"], list: [] } },
    'test.json, fileBuckets: "list" is no setting; use one of read, write.',
  ],
  [
    "misspelt key, whose setting is then missing",
    { lockMode: undefined, lockMod: "governance" },
    'test.json: "lockMod" is no setting; use one of account, prefix, regions, lockMode, replicationDefault, api, concurrency, fileBuckets, resourceTag, notify, databaseTask, drills, breakGlassRole, deploymentRoles, permissionsBoundary, tags, logRetentionDays, runbookUrl.',
  ],
  [
    "memory that Fargate has not with so many vCPUs",
    { databaseTask: { ...(defaults["databaseTask"] as object), vcpu: 8, memoryGiB: 4 } },
    "test.json, databaseTask.memoryGiB: 4 is not valid; it must be 16 to 60 with 8 vCPU, in steps of 4.",
  ],
  [
    "memory between Fargate's steps",
    { databaseTask: { ...(defaults["databaseTask"] as object), vcpu: 8, memoryGiB: 18 } },
    "test.json, databaseTask.memoryGiB: 18 is not valid; it must be 16 to 60 with 8 vCPU, in steps of 4.",
  ],
  [
    "wrong key of the database task",
    { databaseTask: { ...(defaults["databaseTask"] as object), cpu: 2 } },
    'test.json, databaseTask: "cpu" is no setting; use one of image, postgresqlMajors, postgresqlPrograms, architecture, vcpu, memoryGiB, ephemeralStorageGiB.',
  ],
  [
    "image without its digest",
    {
      databaseTask: {
        ...(defaults["databaseTask"] as object),
        image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:1",
      },
    },
    'test.json, databaseTask.image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:1" is not valid; it must be an image with its digest, repository:tag@sha256:…, as npm run build-image prints it.',
  ],
  [
    "tag that AWS reserves",
    { tags: { "aws:team": "platform" } },
    'test.json, tags.aws:team: "platform" is not valid; it must have a key of 1 to 128 letters, digits, spaces and _.:/=+@-, not starting with aws:.',
  ],
  [
    "tag with a character that AWS refuses",
    { tags: { team: "<platform>" } },
    'test.json, tags.team: "<platform>" is not valid; it must be at most 256 letters, digits, spaces and _.:/=+@-.',
  ],
  [
    "missing setting",
    { lockMode: undefined },
    "test.json, lockMode: the setting is missing; add it; config/default.json shows how.",
  ],
  [
    "wrong lock mode",
    { lockMode: "strict" },
    'test.json, lockMode: "strict" is not valid; it must be "governance" or "compliance".',
  ],
  [
    "wrong account",
    { account: "12345" },
    'test.json, account: "12345" is not valid; it must be twelve digits in quotes.',
  ],
  [
    "region twice",
    { regions: ["eu-west-1", "eu-west-1"] },
    'test.json, regions[1]: "eu-west-1" is named twice; remove one of them.',
  ],
  [
    "wrong bucket pattern",
    { fileBuckets: { read: ["My_Files"], write: ["a-files"] } },
    'test.json, fileBuckets.read[0]: "My_Files" is not valid; it must be a bucket name, in which * stands for any characters.',
  ],
  [
    "everything as a pattern",
    { fileBuckets: { read: ["a-files"], write: ["*"] } },
    'test.json, fileBuckets.write[0]: "*" is not valid; it must be a bucket name, in which * stands for any characters.',
  ],
  [
    "pattern that takes in our own buckets",
    { regions: ["eu-west-1"], fileBuckets: { read: ["a-files"], write: ["a-files", "backups-*"] } },
    "test.json, fileBuckets.write[1]: \"backups-*\" also matches the service's own bucket backups-000000000000-eu-west-1-primary; write a pattern that only the environments' file buckets match.",
  ],
  [
    "prefix with capitals",
    { prefix: "Backups" },
    'test.json, prefix: "Backups" is not valid; it must be lower-case letters, digits and single hyphens, starting with a letter.',
  ],
  [
    "prefix that S3 reserves",
    { prefix: "sthree" },
    'test.json, prefix: "sthree" is not valid; it must not start with xn--, sthree or amzn-s3-demo, which S3 reserves.',
  ],
  [
    "prefix too long",
    { prefix: "nightly-backups" },
    'test.json, prefix: "nightly-backups" makes names too long: the role nightly-backups-000000000000-ap-southeast-3-run-replication-check has 65 characters, and 64 are allowed; shorten the prefix to 14 characters or fewer.',
  ],
  [
    "an address named twice",
    { notify: ["ops@shop.test", "dba@shop.test", "ops@shop.test"] },
    'test.json, notify: ["ops@shop.test","dba@shop.test","ops@shop.test"] is not valid; it must name each e-mail address once, because a topic takes each once.',
  ],
  ["wrong address", { notify: ["ops"] }, 'test.json, notify[0]: "ops" is not valid; it must be an e-mail address.'],
  [
    "unknown log retention",
    { logRetentionDays: 42 },
    "test.json, logRetentionDays: 42 is not valid; it must be a period that CloudWatch Logs knows, such as 30, 90 or 365.",
  ],
  [
    "break-glass role by its ARN",
    { breakGlassRole: "arn:aws:iam::123456789012:role/break-glass" },
    'test.json, breakGlassRole: "arn:aws:iam::123456789012:role/break-glass" is not valid; it must be the name of an IAM role, with its path, without its ARN.',
  ],
  [
    "break-glass role whose path begins with a slash",
    { breakGlassRole: "/security/break-glass" },
    'test.json, breakGlassRole: "/security/break-glass" is not valid; it must be the name of an IAM role, with its path, without its ARN.',
  ],
  [
    "no role to deploy with",
    { deploymentRoles: [] },
    "test.json, deploymentRoles: [] is not valid; it must name at least one role, or be left out.",
  ],
  [
    "role to deploy with by something that isn't known",
    { deploymentRoles: ["deploy-{stage}"] },
    'test.json, deploymentRoles[0]: "deploy-{stage}" is not valid; it must be the name of an IAM role, with its path, without its ARN; {account} and {region} stand for both.',
  ],
  [
    "permissions boundary by its name",
    { permissionsBoundary: "boundary" },
    'test.json, permissionsBoundary: "boundary" is not valid; it must be the ARN of a managed policy.',
  ],
  [
    "wrong default of replication",
    { replicationDefault: "maybe" },
    'test.json, replicationDefault: "maybe" is not valid; it must be "on" or "off".',
  ],
  [
    "API left out",
    { api: undefined },
    "test.json, api: the setting is missing; add it; config/default.json shows how.",
  ],
  [
    "wrong key of the API",
    apiWith({ allowedNetwork: [] }),
    'test.json, api: "allowedNetwork" is no setting; use one of allowedNetworks, acceptedWideNetworks, endpoint, vpcEndpoints, throttling, webAclArns, registering, oidc.',
  ],
  [
    "network that is an address",
    apiWith({ allowedNetworks: ["203.0.113.0/24", "203.0.113.7"] }),
    'test.json, api.allowedNetworks[1]: "203.0.113.7" is not valid; it must be a network in CIDR notation, such as "203.0.113.0/24" or "203.0.113.7/32".',
  ],
  ...NETWORKS.map(
    ([what, allowedNetworks, expected]) =>
      [what, apiWith({ allowedNetworks }), `test.json, api.allowedNetworks${expected}`] as const,
  ),
  [
    "unknown kind of endpoint",
    apiWith({ endpoint: "edge" }),
    'test.json, api.endpoint: "edge" is not valid; it must be "public" or "private".',
  ],
  [
    "private API without an endpoint",
    { regions: ["eu-west-1"], ...apiWith({ endpoint: "private" }) },
    "test.json, api.vpcEndpoints: the private API of eu-west-1 (Dublin) has no VPC endpoint, so nobody could reach it; add one for eu-west-1.",
  ],
  [
    "public API with VPC endpoints",
    { regions: ["eu-west-1"], ...apiWith({ vpcEndpoints: { "eu-west-1": ["vpce-0123456789abcdef0"] } }) },
    'test.json, api.vpcEndpoints: a public API is not reached through VPC endpoints; remove the setting, or set api.endpoint to "private".',
  ],
  [
    "VPC endpoint of a region that is left out",
    {
      regions: ["eu-west-1"],
      ...apiWith({ endpoint: "private", vpcEndpoints: { "eu-central-1": ["vpce-0123456789abcdef0"] } }),
    },
    "test.json, api.vpcEndpoints.eu-central-1: the stage is not deployed to that region; use AWS region codes of its regions, such as eu-west-1.",
  ],
  [
    "wrong id of a VPC endpoint",
    { regions: ["eu-west-1"], ...apiWith({ endpoint: "private", vpcEndpoints: { "eu-west-1": ["vpc-1"] } }) },
    'test.json, api.vpcEndpoints.eu-west-1[0]: "vpc-1" is not valid; it must be the id of a VPC endpoint, such as vpce-0123456789abcdef0.',
  ],
  [
    "throttling beyond API Gateway's",
    apiWith({ throttling: { requestsPerSecond: 20_000, burst: 100 } }),
    "test.json, api.throttling.requestsPerSecond: 20000 is not valid; it must be 1 to 10000.",
  ],
  [
    "throttling that lets nobody through",
    apiWith({ throttling: { requestsPerSecond: 50, burst: 0 } }),
    "test.json, api.throttling.burst: 0 is not valid; it must be 1 to 5000.",
  ],
  [
    "web ACL of another region",
    { regions: ["eu-central-1", "eu-west-1"], ...apiWith({ webAclArns: { "eu-central-1": WEB_ACL } }) },
    "test.json, api.webAclArns.eu-central-1: the web ACL stands in eu-west-1; name one of eu-central-1, because an API and its web ACL share a region.",
  ],
  [
    "web ACL by name",
    { regions: ["eu-west-1"], ...apiWith({ webAclArns: { "eu-west-1": "fence" } }) },
    'test.json, api.webAclArns.eu-west-1: "fence" is not valid; it must be the ARN of a regional web ACL of AWS WAF.',
  ],
  [
    "issuer without TLS",
    apiWith({ oidc: { issuer: "http://login.example.com", audiences: ["backups"], principalClaim: "email" } }),
    'test.json, api.oidc.issuer: "http://login.example.com" is not valid; it must be the issuer\'s https address.',
  ],
  [
    "tokens for nobody",
    apiWith({ oidc: { issuer: "https://login.example.com", audiences: [], principalClaim: "email" } }),
    "test.json, api.oidc.audiences: [] is not valid; it must name at least one audience.",
  ],
];
