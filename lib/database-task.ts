/**
 * The database task: pg_dump, pg_restore and what else needs the environment's network. The cluster has no network
 * of its own; each run is given the environment's subnets and security groups. The task is started by its family's
 * name, so a deployment in the middle of a night changes only what starts later.
 */
import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import {
  CfnCluster,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDriver,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { CONTAINER_NAME, type TaskSettings } from "../lambda/database-task/contract";
import type { SettingsVariables } from "../lambda/runtime/settings";
import type { Bundle } from "./assets/bundle";
import { allow, explainWildcard, type Grantee } from "./permissions/allow";
import type { ServiceRegion } from "./service-region";
import { MAJORS_ARGUMENT } from "./task-image/dockerfile";
import { imageIn } from "./task-image/image-reference";

const MIB = 1024;
const NO_RESOURCE = "ecr:GetAuthorizationToken knows no resource.";

export interface DatabaseTaskProps {
  readonly region: ServiceRegion;
  readonly bundle: Bundle;
  readonly settings: SettingsVariables;
}

export class DatabaseTask extends Construct implements Grantee {
  /** What the program in the container may do. */
  readonly role: Role;
  /** What Fargate may do to start it: pull the image, open the log. */
  readonly executionRole: Role;
  readonly cluster: CfnCluster;

  constructor(scope: Construct, id: string, { region, bundle, settings }: DatabaseTaskProps) {
    super(scope, id);
    const { names, stage } = region;
    const size = stage.databaseTask;
    const forTasks = new ServicePrincipal("ecs-tasks.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": region.account } },
    });
    this.role = new Role(this, "Role", { roleName: names.taskRole(), assumedBy: forTasks });
    this.executionRole = new Role(this, "StartRole", { roleName: names.taskExecutionRole(), assumedBy: forTasks });
    this.cluster = new CfnCluster(this, "Cluster", {
      clusterName: names.cluster(),
      /** Said, because an account may have it on for new clusters. */
      clusterSettings: [{ name: "containerInsights", value: "disabled" }],
    });
    Validations.of(this.cluster).acknowledge({
      id: "AwsSolutions-ECS4",
      reason:
        "Container Insights writes custom metrics, which are paid for and which nothing here looks at: what a task does is in its log and in the workflow's metrics.",
    });
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/ecs/${names.taskFamily()}`,
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const definition = new FargateTaskDefinition(this, "Task", {
      family: names.taskFamily(),
      cpu: size.vcpu * MIB,
      memoryLimitMiB: size.memoryGiB * MIB,
      ephemeralStorageGiB: size.ephemeralStorageGiB,
      taskRole: this.role,
      executionRole: this.executionRole,
      runtimePlatform: {
        operatingSystemFamily: OperatingSystemFamily.LINUX,
        cpuArchitecture: size.architecture === "arm64" ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
      },
    });
    definition.addContainer(CONTAINER_NAME, {
      containerName: CONTAINER_NAME,
      image: this.image(region, bundle),
      logging: LogDriver.awsLogs({ logGroup, streamPrefix: CONTAINER_NAME }),
      environment: {
        ...settings,
        POSTGRESQL_PROGRAMS: size.postgresqlPrograms,
        POSTGRESQL_MAJORS: size.postgresqlMajors.join(","),
      } satisfies { readonly [Name in keyof TaskSettings]: string },
    });
    explainWildcard(this.executionRole, "*", NO_RESOURCE);
    /** Known only once the container stands. */
    Validations.of(this).acknowledge({
      id: "@aws-cdk/aws-ecs:ecrImageRequiresPolicy",
      reason: "The policy for a ready-made image is written by hand, for its repository only.",
    });
    Validations.of(definition).acknowledge({
      id: "AwsSolutions-ECS2",
      reason:
        "The variables are names, ARNs and a region; the database's password is read from Secrets Manager by the program itself.",
    });
  }

  private image(region: ServiceRegion, bundle: Bundle): ContainerImage {
    const { image, architecture, postgresqlMajors } = region.stage.databaseTask;
    if (image === undefined) {
      /** Both are part of the asset's hash, as the Dockerfile's own lines are: a change builds and pushes a new image. */
      return ContainerImage.fromAsset(bundle.databaseTaskFolder, {
        platform: architecture === "arm64" ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
        buildArgs: { [MAJORS_ARGUMENT]: postgresqlMajors.join(",") },
      });
    }
    const { reference, repositoryArn } = imageIn(image, region.row.region);
    if (repositoryArn !== undefined) {
      allow(
        { role: this.executionRole },
        {
          actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          resources: [repositoryArn],
        },
      );
      allow(
        { role: this.executionRole },
        {
          actions: ["ecr:GetAuthorizationToken"],
          resources: ["*"],
          wildcard: NO_RESOURCE,
        },
      );
    }
    return ContainerImage.fromRegistry(reference);
  }
}
