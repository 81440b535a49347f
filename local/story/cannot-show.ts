/** What no run on one machine can show; docs/ has the command that shows each on AWS. */
export const CANNOT_SHOW: readonly string[] = [
  "IAM: the calls of this run were compared with the synthesized policies, but nothing enforces them here",
  "KMS: keys, key policies and grants exist in the templates only",
  "networking: subnets, security groups, endpoints, TLS to S3 and to the database",
  "the API's fence: allowed networks, private endpoint, throttling, web ACL and TLS; the run serves it on loopback",
  "signing in with tokens: no issuer of OIDC tokens runs here",
  "RDS: the database status is moto's",
  "quotas and speed: Lambda concurrency, Fargate launches, Step Functions and S3 rates",
  "the task's image: its program ran, with this machine's PostgreSQL programs",
  "Replication Time Control: replicas were copied by the local run, by the bucket's own rules",
  "Lambda's Node.js 24: functions ran on this machine's Node.js",
];
