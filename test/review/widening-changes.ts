/** Changes that would let somebody do more: a review refuses them. */
import type { Json } from "../support/synthesized";
import type { TemplateChange } from "./harmless-changes";
import type { Changed } from "./template-changes";

const PRIMARY = "Primary-Osaka";
const addStatement = (changed: Changed, statement: Json): void => {
  changed.statements(PRIMARY, "deletion").push({ Effect: "Allow", ...statement });
};

export const WIDENING: readonly TemplateChange[] = [
  {
    change: "a role is no longer bounded",
    make: (changed) => {
      changed.before = (earlier) => {
        earlier.properties(PRIMARY, "AWS::IAM::Role", "api").PermissionsBoundary = "arn:aws:iam::aws:policy/boundary";
      };
    },
    says: [
      'In Osaka, the role "api" is no longer bounded by arn:aws:iam::aws:policy/boundary but by nothing; keep the permissions boundary.',
    ],
  },
  {
    change: "a role may do one more thing",
    make: (changed) => {
      changed.statements(PRIMARY, "retention").push({
        Effect: "Allow",
        Action: "s3:BypassGovernanceRetention",
        Resource: {
          "Fn::Join": ["", ["arn:aws:s3:::backups-", { Ref: "AWS::AccountId" }, "-ap-northeast-3-primary/*"]],
        },
      });
    },
    says: [
      'In Osaka, the role "retention" may also s3:BypassGovernanceRetention on arn:aws:s3:::backups-<account>-<region>-primary/*; take it back, or accept it with a reason.',
    ],
  },
  {
    change: "a role's resource becomes everything",
    make: (changed) => {
      changed.before = (earlier) =>
        addStatement(earlier, { Action: "s3:PutObject", Resource: "arn:aws:s3:::own/uploads/*" });
      addStatement(changed, { Action: "s3:PutObject", Resource: "arn:aws:s3:::own/*" });
    },
    says: [
      'In Osaka, the role "deletion" may also s3:PutObject on arn:aws:s3:::own/*; take it back, or accept it with a reason.',
    ],
  },
  {
    change: "a role's action becomes a wildcard",
    make: (changed) => {
      changed.before = (earlier) => addStatement(earlier, { Action: "sns:Publish", Resource: "arn:aws:sns:::own" });
      addStatement(changed, { Action: "sns:*", Resource: "arn:aws:sns:::own" });
    },
    says: [
      'In Osaka, the role "deletion" may also sns:* on arn:aws:sns:::own; take it back, or accept it with a reason.',
    ],
  },
  {
    change: "a condition is dropped",
    make: (changed) => {
      const statement = { Action: "sns:Publish", Resource: "arn:aws:sns:::own" };
      changed.before = (earlier) =>
        addStatement(earlier, { ...statement, Condition: { StringEquals: { "aws:ResourceAccount": "123456789012" } } });
      addStatement(changed, statement);
    },
    says: [
      'In Osaka, the role "deletion" may sns:Publish on arn:aws:sns:::own under wider conditions (none); take it back, or accept it with a reason.',
    ],
  },
  {
    change: "someone else may take on a role",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::IAM::Role", "deletion").AssumeRolePolicyDocument.Statement.push({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
      });
    },
    says: [
      'In Osaka, the role "deletion" may also be taken on by arn:aws:iam::999999999999:root; take it back, or accept it with a reason.',
    ],
  },
  {
    change: "a managed policy is attached",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::IAM::Role", "api").ManagedPolicyArns = [
        "arn:aws:iam::aws:policy/AdministratorAccess",
      ];
    },
    says: [
      'In Osaka, the role "api" also gets the managed policy arn:aws:iam::aws:policy/AdministratorAccess; take it back, or accept it with a reason.',
    ],
  },
  {
    change: "a new role",
    make: (changed) => {
      changed.stack(PRIMARY).template.Resources.Helper = {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: "helper",
          AssumeRolePolicyDocument: { Statement: [] },
          Policies: [{ PolicyDocument: { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] } }],
        },
      };
    },
    says: ['In Osaka, the role "helper" is new and may s3:GetObject; accept it with a reason once that is reviewed.'],
  },
  {
    change: "someone else may call a function",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::Lambda::Permission").Principal = "*";
    },
    says: [
      "In Osaka, anyone may also call the function apiFunction from arn:aws:execute-api:<region>:<account>:<Api>/<ApiDeploymentStagebackups>/*/api/* (ApiapiproxyANYApiPermission<stack>ApiANYapiproxy); take it back, or accept it with a reason.",
    ],
  },
  {
    change: "a network may reach the API",
    make: (changed) => {
      const statement = changed
        .properties(PRIMARY, "AWS::ApiGateway::RestApi")
        .Policy.Statement.find(({ Effect }: Json) => Effect === "Deny");
      statement.Condition = { NotIpAddress: { "aws:SourceIp": ["203.0.113.0/24"] } };
    },
    says: [
      "In Osaka, API and page may also be reached from 203.0.113.0/24; take it out of api.allowedNetworks, or accept it with a reason.",
    ],
  },
  {
    change: "a private API becomes public",
    make: (changed) => {
      changed.before = (earlier) =>
        (earlier.properties(PRIMARY, "AWS::ApiGateway::RestApi").EndpointConfiguration = {
          IpAddressType: "dualstack",
          Types: ["PRIVATE"],
        });
    },
    says: [
      "In Osaka, the deployment would fail, because API Gateway makes a private API public only as dualstack; first run aws apigateway update-rest-api with op=replace,path=/endpointConfiguration/types/PRIVATE,value=REGIONAL and op=replace,path=/endpointConfiguration/ipAddressType,value=dualstack, then accept this with that reason.",
    ],
    changes: [
      "In Osaka, API and page are reached by IPv4 only, because no IPv6 network is allowed; until now by IPv4 and IPv6.",
      'In Osaka, Types of the API "api" becomes ["REGIONAL"] instead of ["PRIVATE"].',
    ],
  },
  {
    change: "everyone may reach the API",
    make: (changed) => {
      const { Policy } = changed.properties(PRIMARY, "AWS::ApiGateway::RestApi");
      Policy.Statement = Policy.Statement.filter(({ Effect }: Json) => Effect === "Allow");
    },
    says: [
      "In Osaka, API and page could be reached from everywhere, and the API can delete backups; name the networks in api.allowedNetworks.",
    ],
  },
];
