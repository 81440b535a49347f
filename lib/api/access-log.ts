/**
 * One line a request, in a log group of its own. A link's token is part of its path, and keys travel in headers: so
 * the line has the resource (`/api/{proxy+}`), never the path, the query, a header or a message that may quote them.
 * Who changed what is in the audit records.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { ServiceRegion } from "../service-region";

export const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTime",
    ip: "$context.identity.sourceIp",
    method: "$context.httpMethod",
    resource: "$context.resourcePath",
    status: "$context.status",
    bytes: "$context.responseLength",
    milliseconds: "$context.responseLatency",
    refusal: "$context.error.responseType",
    tls: "$context.tlsVersion",
  }),
);

export const accessLogGroup = (scope: Construct, { names, stage }: ServiceRegion): LogGroup =>
  new LogGroup(scope, "AccessLog", {
    logGroupName: `/aws/apigateway/${names.restApi()}`,
    retention: stage.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
