/**
 * A key of the service. Losing it loses everything encrypted with it, so disabling it and scheduling its deletion is
 * denied to everyone but the break-glass role, and key and alias outlive their stack.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { KeyKind } from "../names";
import type { ServiceRegion } from "../service-region";

export interface ServiceKeyProps {
  readonly region: ServiceRegion;
  readonly kind: KeyKind;
  readonly description: string;
}

export class ServiceKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { region, kind, description }: ServiceKeyProps) {
    super(scope, id);
    this.key = new Key(this, "Key", {
      description,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "OnlyBreakGlassMayDestroy",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
        resources: ["*"],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": region.names.roleArn(region.stage.breakGlassRole) } },
      }),
    );
    this.key.addAlias(region.names.keyAlias(kind)).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
