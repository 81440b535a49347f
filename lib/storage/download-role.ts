/**
 * The role that addresses of archives are signed with: it may get them and nothing else, and only the API's function may
 * assume it. What a presigned URL may do, and how long, is what its signer may do; the function's own session has an end
 * that nobody tells.
 */
import { ArnPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import type { TransferAccess } from "./transfer-access";

export interface DownloadRoleProps {
  readonly region: ServiceRegion;
  readonly transfer: TransferAccess;
  /** Who signs. */
  readonly api: Grantee;
}

export class DownloadRole extends Construct implements Grantee {
  readonly role: Role;

  constructor(scope: Construct, id: string, { region, transfer, api }: DownloadRoleProps) {
    super(scope, id);
    const { names, row } = region;
    this.role = new Role(this, "Role", {
      roleName: names.downloadRole(),
      description: `Addresses of archives of ${row.name} are signed with it`,
      assumedBy: new ArnPrincipal(api.role.roleArn),
    });
    transfer.grantHandOutArchives(this);
    allow(api, { actions: ["sts:AssumeRole"], resources: [names.roleArn(names.downloadRole())] });
  }
}
