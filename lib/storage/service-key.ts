/**
 * A key of the service. Losing it loses everything encrypted with it, so disabling it and scheduling its deletion is
 * denied to everyone but the break-glass role, and so is changing its policy and its aliases to everyone but that role
 * and deployments; key and alias outlive their stack. A recovery's keys go with it: nothing is encrypted with them that
 * isn't elsewhere too.
 */
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ALIAS_CHANGES, KEY_DESTRUCTION, KEY_SETTINGS } from "../guards/guarded-actions";
import { breakGlassArn, denyToOthers, guardingRoles } from "../guards/guarding-roles";
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
    const deny = (sid: string, actions: readonly string[], roles: readonly string[]): void => {
      this.key.addToResourcePolicy(denyToOthers(sid, actions, roles));
    };
    if (region.recovered === undefined) deny("OnlyBreakGlassMayDestroy", KEY_DESTRUCTION, [breakGlassArn(region)]);
    deny("OnlyDeploymentsChangeGuards", [...ALIAS_CHANGES, ...KEY_SETTINGS], guardingRoles(this, region));
    this.key.addAlias(region.names.keyAlias(kind)).applyRemovalPolicy(removalOf(region));
  }
}
