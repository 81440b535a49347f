/** Named contracts: what roles may do, in every region. */
import { allows, rolesOf } from "./policies";
import { stacks, primaries, functionRole } from "./deployed";

describe("grants", () => {
  test("no role may do everything of a service, and only what knows no resource is granted on everything", () => {
    const WITHOUT_RESOURCES =
      /^(logs:|xray:|ecr:GetAuthorizationToken|cloudwatch:GetMetricStatistics$|rds:DescribeAccountAttributes$|backup:Describe(Backup|Copy|Restore)Job$)/;
    for (const [, template] of stacks) {
      for (const { name, statements } of rolesOf(template)) {
        for (const { actions, resources } of statements) {
          expect([name, actions.filter((action) => action.includes("*"))]).toEqual([name, []]);
          const onEverything = resources.includes("*") ? actions : [];
          expect([name, onEverything.filter((action) => !WITHOUT_RESOURCES.test(action))]).toEqual([name, []]);
        }
      }
    }
  });

  test("whoever changes states in the catalog may tell the event bus, in the service's name, and nobody else may", () => {
    /** They write progress, recovery points, or who may do what: no state that others hear of. */
    const SILENT = ["backup-plan", "backup-pack", "recovery-point", "instance-swap", "access", "gauges"];
    for (const [row, template] of primaries) {
      for (const { name, statements } of rolesOf(template)) {
        const writes = allows(statements, "dynamodb:PutItem") || allows(statements, "dynamodb:UpdateItem");
        const isSilent = SILENT.some((silent) => name.endsWith(`${row.region}-${silent}`));
        const telling = statements.filter(({ actions }) => actions.includes("events:PutEvents"));
        expect([name, telling.length]).toEqual([name, writes && !isSilent ? 1 : 0]);
        for (const { conditions } of telling)
          expect(conditions).toEqual({ StringEquals: { "events:source": "nightly-backups.backups" } });
      }
    }
  });

  test("only the database task and the swap of instances read secrets, and only tagged ones", () => {
    for (const [, template] of primaries) {
      for (const { name, statements } of rolesOf(template)) {
        const reading = statements.filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"));
        expect([name, reading.length]).toEqual([name, /-(database-task|instance-swap)$/.test(name) ? 1 : 0]);
        for (const { conditions } of reading)
          expect(conditions).toEqual({ StringEquals: { "aws:ResourceTag/nightly-backups": "allowed" } });
      }
    }
  });

  test("only the swap of instances changes or deletes database instances, and only what tags and names admit", () => {
    for (const [row, template] of primaries) {
      const arn = (name: string): string => `arn:aws:rds:${row.region}:<account>:db:${name}`;
      const ofService = rolesOf(template).filter(({ name }) => !/-(recovery-points|restoring)$/.test(name));
      const changing = ofService.flatMap(({ name, statements }) =>
        statements.flatMap(({ actions, resources, conditions }) =>
          actions.some((action) => /^rds:(?!Describe|ListTags)/.test(action))
            ? [{ name: name.split("-").slice(-2).join("-"), actions, resources, conditions }]
            : [],
        ),
      );
      const [named, marked] = ["-nightly-backups-new-????????", "-nightly-backups-old-????????"];
      const allowed = { "aws:ResourceTag/nightly-backups": "allowed" };
      const mark = "nightly-backups:restore";
      expect(changing).toEqual([
        {
          name: "instance-swap",
          actions: ["rds:ModifyDBInstance"],
          resources: [arn("*")],
          conditions: { StringEquals: allowed },
        },
        {
          name: "instance-swap",
          actions: ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"],
          resources: [arn("*")],
          conditions: { StringEquals: allowed, "ForAllValues:StringEquals": { "aws:TagKeys": [mark] } },
        },
        {
          name: "instance-swap",
          actions: ["rds:AddTagsToResource"],
          resources: [arn(`*${named}`)],
          conditions: undefined,
        },
        {
          name: "instance-swap",
          actions: ["rds:DeleteDBInstance"],
          resources: [arn(`*${named}`), arn(`*${marked}`)],
          conditions: { StringLike: { [`aws:ResourceTag/${mark}`]: "?*" } },
        },
      ]);
    }
  });

  test("who has no business with snapshots can't read them", () => {
    for (const [row, template] of primaries) {
      for (const name of ["nightly-window", "backup-begin", "registration", "requests", "access", "console"]) {
        const { statements } = functionRole(template, row, name);
        for (const action of ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucketVersions"])
          expect([name, action, allows(statements, action)]).toEqual([name, action, false]);
      }
    }
  });

  test("only the access function writes principals and keys, and it writes nothing else; the gauges write their own item", () => {
    const writing = new Set(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]);
    const principals = { "dynamodb:LeadingKeys": ["PRINCIPAL#*"] };
    for (const [row, template] of primaries) {
      const ownOnly = new Map([
        [functionRole(template, row, "access").name, principals],
        [functionRole(template, row, "gauges").name, { "dynamodb:LeadingKeys": ["GAUGES"] }],
      ]);
      for (const { name, statements } of rolesOf(template)) {
        const conditions = statements
          .filter(({ actions }) => actions.some((action) => writing.has(action)))
          .map((statement) => statement.conditions);
        const own = ownOnly.get(name);
        const only =
          own === undefined ? { "ForAllValues:StringNotLike": principals } : { "ForAllValues:StringLike": own };
        expect([name, conditions]).toEqual([name, conditions.map(() => only)]);
      }
    }
  });

  test("the drill function reaches no environment's files, and of the transfer bucket only its own prefix", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "drill");
      for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"])
        expect([action, allows(statements, action, "arn:aws:s3:::app-files/key")]).toEqual([action, false]);
      expect(allows(statements, "s3:ListBucket", "arn:aws:s3:::app-files")).toBe(false);
      const transfer = `arn:aws:s3:::backups-<account>-${row.region}-transfer`;
      expect(allows(statements, "s3:DeleteObject", `${transfer}/drills/one/key`)).toBe(true);
      expect(allows(statements, "s3:DeleteObject", `${transfer}/uploads/one/archive`)).toBe(false);
    }
  });

  test("only restore and the database task write to file buckets", () => {
    for (const [row, template] of primaries) {
      const writing = rolesOf(template).filter(({ statements }) =>
        allows(statements, "s3:PutObject", "arn:aws:s3:::app-files/key"),
      );
      expect(writing.map(({ name }) => name).toSorted()).toEqual(
        ["database-task", "restore"].map((name) => functionRole(template, row, name).name),
      );
    }
  });
});
