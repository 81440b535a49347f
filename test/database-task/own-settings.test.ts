import type { Client } from "pg";
import { takeSettings } from "../../lambda/database-task/own-settings";

test("a database's limits on its sessions don't end the work that is done under its settings", async () => {
  const taken: unknown[] = [];
  const client = {
    query: async (_: string, [name]: readonly string[]) => void taken.push(name),
  } as unknown as Client;
  const limits = ["statement_timeout", "Transaction_Timeout", "idle_session_timeout", "lock_timeout"];
  await takeSettings(client, new Map([...limits, "work_mem"].map((name) => [name, "1"])));
  expect(taken).toEqual(["work_mem"]);
});
