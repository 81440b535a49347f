/** A function of the service: its own role, its own log group, a name that deployments keep. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { SettingsVariables } from "../../lambda/runtime/settings";
import type { Bundle } from "../assets/bundle";
import type { FunctionName } from "../names";
import { allow, explainWildcard, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { FUNCTION_SIZES } from "./function-sizes";

export interface ServiceFunctionProps {
  readonly region: ServiceRegion;
  readonly name: FunctionName;
  readonly bundle: Bundle;
  readonly settings: Partial<SettingsVariables>;
}

export class ServiceFunction extends Construct implements Grantee {
  readonly role: Role;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, { region, name, bundle, settings }: ServiceFunctionProps) {
    super(scope, id);
    const { memoryMiB, timeoutSeconds } = FUNCTION_SIZES[name];
    const functionName = region.names.function(name);
    this.role = new Role(this, "Role", {
      roleName: region.names.functionRole(name),
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: region.stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    allow(this, {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
      wildcard: "Lambda names the streams of the function's own log group.",
    });
    this.function = new LambdaFunction(this, "Function", {
      functionName,
      runtime: Runtime.NODEJS_24_X,
      /** Cheaper; every primary region has it. Canada West, where it is unconfirmed, only holds replicas. */
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle.functionFolder(name)),
      handler: "index.handler",
      role: this.role,
      memorySize: memoryMiB,
      timeout: Duration.seconds(timeoutSeconds),
      logGroup,
      environment: settings,
      ...reservation(name, region),
      tracing: Tracing.ACTIVE,
    });
    explainWildcard(this.role, "*", "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources.");
  }
}

/** The API is answered even while backups keep all other functions of the account busy. */
const reservation = (name: FunctionName, { stage }: ServiceRegion): { reservedConcurrentExecutions?: number } =>
  name === "api" && stage.concurrency.api > 0 ? { reservedConcurrentExecutions: stage.concurrency.api } : {};
