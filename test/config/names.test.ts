import { longestNames, Names, stackLabel } from "../../lib/names";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";

const names = new Names({ prefix: "backups", account: "123456789012", region: "eu-central-1" });

test("names hold prefix, account and the primary's region, the replica's too", () => {
  expect(names.bucket("primary")).toBe("backups-123456789012-eu-central-1-primary");
  expect(names.bucket("replica")).toBe("backups-123456789012-eu-central-1-replica");
  expect(names.table()).toBe("backups-123456789012-eu-central-1-catalog");
  expect(names.functionRole("deletion")).toBe("backups-123456789012-eu-central-1-deletion");
  expect(names.keyAlias("replica")).toBe("alias/backups-123456789012-eu-central-1-replica");
});

test("the longest prefix fits every limit in every region, and one letter more does not", () => {
  const regions = NIGHTLY_TABLE.map(({ region }) => region);
  const excess = (prefix: string): number =>
    Math.max(...longestNames(prefix, regions).map(({ name, limit }) => name.length - limit));
  expect(excess("p".repeat(14))).toBe(0);
  expect(excess("p".repeat(15))).toBe(1);
});

test("roles of functions, workflows, schedules and tasks never share a name", () => {
  const roles = [
    names.functionRole("nightly-window"),
    names.workflowRole("nightly-window"),
    names.scheduleRole("nightly-window"),
    names.replicationRole(),
    names.functionRole("replication-check"),
    names.workflowRole("replication-check"),
    names.taskRole(),
    names.taskExecutionRole(),
  ];
  expect(new Set(roles).size).toBe(roles.length);
});

test("stack labels are plain letters and differ", () => {
  const labels = NIGHTLY_TABLE.map(({ name }) => stackLabel(name));
  expect(labels).toContain("SaoPaulo");
  expect(labels).toContain("NVirginia");
  expect(new Set(labels).size).toBe(17);
  for (const label of labels) expect(label).toMatch(/^[A-Za-z]+$/);
});
