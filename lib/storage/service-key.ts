/**
 * A key of the service. Losing it loses everything encrypted with it, so disabling it and scheduling its deletion is
 * denied to everyone but the break-glass role, and key and alias outlive their stack. A recovery's keys go with it:
 * nothing is encrypted with them that isn't elsewhere too.
 */
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { KeyKind } from "../names";
import { removalOf, removalOfGuarded, type ServiceRegion } from "../service-region";

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
      removalPolicy: removalOfGuarded(region),
    });
    if (region.recovered === undefined) this.denyDestruction(region);
    this.key.addAlias(region.names.keyAlias(kind)).applyRemovalPolicy(removalOf(region));
  }

  private denyDestruction({ names, stage }: ServiceRegion): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "OnlyBreakGlassMayDestroy",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
        resources: ["*"],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": names.roleArn(stage.breakGlassRole) } },
      }),
    );
  }
}
