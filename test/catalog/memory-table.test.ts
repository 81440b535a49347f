import { MemoryTable } from "../support/memory-table";
import { catalogTableContract } from "./catalog-table.contract";
import { catalogContract } from "./catalog.contract";
import { peopleContract } from "./people.contract";

catalogTableContract("the table in memory", async () => {
  const table = new MemoryTable();
  return { table, requests: () => table.requests.length };
});
catalogContract("the table in memory", async () => new MemoryTable());
peopleContract("the table in memory", async () => new MemoryTable());

const fail = (): never => {
  throw new Error("injected");
};
test("a fault comes before the effect, a lost reply after it", async () => {
  const table = new MemoryTable();
  table.onRequest = fail;
  await expect(table.put({ pk: "p", sk: "s" })).rejects.toThrow("injected");
  expect(table.all()).toEqual([]);
  table.onRequest = undefined;
  table.onReply = fail;
  await expect(table.put({ pk: "p", sk: "s" })).rejects.toThrow("injected");
  expect(table.all()).toHaveLength(1);
});
