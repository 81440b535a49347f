import { Resolver } from "../../local/template/resolver";

const stack = {
  name: "primary",
  region: "eu-central-1",
  files: new Map<string, string>(),
  images: new Map<string, string>(),
  template: {
    Parameters: { BootstrapVersion: { Type: "String", Default: "/cdk" }, Given: { Type: "String" } },
    Resources: {
      Bucket: {
        Type: "AWS::S3::Bucket",
        Properties: { BucketName: { "Fn::Sub": "b-${AWS::AccountId}-${AWS::Region}" } },
      },
      Role: { Type: "AWS::IAM::Role" },
      Strange: { Type: "AWS::Strange::Thing" },
    },
  },
};
const resolver = new Resolver(stack, "123456789012");
const resolve = (value: unknown): unknown => resolver.resolve(value, "Here");

test.each<[string, unknown, unknown]>([
  ["Ref of a resource", { Ref: "Bucket" }, "b-123456789012-eu-central-1"],
  ["Ref of a parameter with a default", { Ref: "BootstrapVersion" }, "/cdk"],
  [
    "pseudo parameters",
    { "Fn::Join": [":", [{ Ref: "AWS::Partition" }, { Ref: "AWS::URLSuffix" }]] },
    "aws:amazonaws.com",
  ],
  ["GetAtt as a list", { "Fn::GetAtt": ["Bucket", "Arn"] }, "arn:aws:s3:::b-123456789012-eu-central-1"],
  ["GetAtt as text", { "Fn::GetAtt": "Role.Arn" }, "arn:aws:iam::123456789012:role/primary-Role"],
  [
    "Sub with values and literals",
    { "Fn::Sub": ["${Bucket.Arn}/${who}/${!Kept}", { who: { Ref: "Role" } }] },
    "arn:aws:s3:::b-123456789012-eu-central-1/primary-Role/${Kept}",
  ],
  [
    "Select from Split",
    { "Fn::Select": [5, { "Fn::Split": [":", { "Fn::GetAtt": ["Bucket", "Arn"] }] }] },
    "b-123456789012-eu-central-1",
  ],
  ["NoValue leaves the property out", { a: { Ref: "AWS::NoValue" }, b: [1, { Ref: "AWS::NoValue" }] }, { b: [1] }],
])("%s", (_, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});

test.each<[string, unknown, string]>([
  ["another intrinsic", { "Fn::ImportValue": "x" }, "primary, Here: the local run does not resolve Fn::ImportValue."],
  ["a name that nothing has", { Ref: "Nobody" }, "primary, Here: Ref Nobody names nothing in this template."],
  ["a parameter without a default", { Ref: "Given" }, "primary, Here: the parameter Given has no default."],
  [
    "an unknown type",
    { Ref: "Strange" },
    "primary, Strange: the type AWS::Strange::Thing is not known to the local run.",
  ],
  [
    "an unknown attribute",
    { "Fn::GetAtt": ["Bucket", "Colour"] },
    "primary, Here: GetAtt Bucket.Colour is not known to the local run.",
  ],
])("refuses %s, with the place", (_, value, message) => {
  expect(() => resolve(value)).toThrow(message);
});
