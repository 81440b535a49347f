import { serviceContext } from "../../local/gateway/service-actions";
import { refusedCalls, unusedGrants } from "../../local/permissions/evaluate";
import type { Statement } from "../../local/permissions/statements";

const allow = (actions: string[], resources: string[], conditions: Statement["conditions"] = {}): Statement => ({
  effect: "Allow",
  actions,
  resources,
  conditions,
});
const context = { account: "123456789012", tagsOf: (): Record<string, string> => ({}) };
const call = (action: string, resource: string, keys: Record<string, string> = {}) => ({
  role: "reader",
  action,
  resource,
  context: keys,
});
const judge = (
  statements: readonly Statement[],
  recorded: ReturnType<typeof call>,
  buckets: readonly Statement[] = [],
) => refusedCalls([recorded], { roles: new Map([["reader", statements]]), buckets }, context);

test("a call needs an Allow for its action and its resource", () => {
  const statements = [allow(["s3:GetObject*"], ["arn:aws:s3:::primary/*"])];
  expect(judge(statements, call("s3:GetObjectVersion", "arn:aws:s3:::primary/a/b"))).toEqual([]);
  expect(judge(statements, call("s3:PutObject", "arn:aws:s3:::primary/a"))).toEqual([
    "reader is not allowed s3:PutObject on arn:aws:s3:::primary/a",
  ]);
  expect(judge(statements, call("s3:GetObject", "arn:aws:s3:::replica/a"))).toHaveLength(1);
});

test("conditions must hold, and a key that is missing does not hold", () => {
  const tagged = [allow(["ecs:DescribeTasks"], ["*"], { ArnEquals: { "ecs:cluster": ["arn:c"] } })];
  expect(judge(tagged, call("ecs:DescribeTasks", "arn:t", { "ecs:cluster": "arn:c" }))).toEqual([]);
  expect(judge(tagged, call("ecs:DescribeTasks", "arn:t", { "ecs:cluster": "arn:d" }))).toHaveLength(1);
  expect(judge(tagged, call("ecs:DescribeTasks", "arn:t"))).toHaveLength(1);
});

test("who may write some partitions of a table only, is held to every one that a request names", () => {
  const keys = { "dynamodb:LeadingKeys": ["PRINCIPAL#*"] };
  const own = [allow(["dynamodb:PutItem"], ["*"], { "ForAllValues:StringLike": keys })];
  const others = [allow(["dynamodb:PutItem"], ["*"], { "ForAllValues:StringNotLike": keys })];
  const write = (...partitions: readonly string[]) => {
    const TransactItems = partitions.map((S) => ({ Put: { TableName: "catalog", Item: { pk: { S } } } }));
    const request = { service: "dynamodb", region: "r", account: "a", target: "x.TransactWriteItems", path: "/" };
    return call("dynamodb:PutItem", "arn:t", {
      ...serviceContext({ ...request, body: JSON.stringify({ TransactItems }) }),
    });
  };
  expect(judge(own, write("PRINCIPAL#operator"))).toEqual([]);
  expect(judge(own, write("PRINCIPAL#operator", "ENV#shop"))).toHaveLength(1);
  expect(judge(others, write("ENV#shop"))).toEqual([]);
  expect(judge(others, write("ENV#shop", "PRINCIPAL#operator"))).toHaveLength(1);
});

test("a Deny of the bucket wins, except for whom it leaves out", () => {
  const statements = [allow(["s3:*"], ["*"])];
  const deny = (principal: string): Statement[] => [
    {
      effect: "Deny",
      actions: ["s3:BypassGovernanceRetention"],
      resources: ["arn:aws:s3:::primary/*"],
      conditions: { ArnNotEquals: { "aws:PrincipalArn": [principal] } },
    },
  ];
  const bypass = call("s3:BypassGovernanceRetention", "arn:aws:s3:::primary/a");
  expect(judge(statements, bypass, deny("arn:aws:iam::123456789012:role/other"))).toEqual([
    "reader is denied s3:BypassGovernanceRetention on arn:aws:s3:::primary/a",
  ]);
  expect(judge(statements, bypass, deny("arn:aws:iam::123456789012:role/reader"))).toEqual([]);
});

test("an operator that is not known is an error, not a pass", () => {
  const statements = [allow(["s3:GetObject"], ["*"], { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } })];
  expect(() => judge(statements, call("s3:GetObject", "arn:aws:s3:::primary/a"))).toThrow("IpAddress");
});

test("grants that no call needed are listed", () => {
  const roles = new Map([["reader", [allow(["s3:GetObject", "s3:PutObject"], ["*"])]]]);
  expect(unusedGrants([call("s3:GetObject", "x")], { roles, buckets: [] })).toEqual(["reader s3:PutObject"]);
});
