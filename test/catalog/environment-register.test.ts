import { putRegisterEntry, readRegister, type RegisterEntry } from "../../lambda/catalog/environment-register";
import { registerEntryKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET } from "../support/collaborators";
import { environmentItem } from "./catalog-fixtures";

const { store } = fakeCollaborators();
const all = async (): Promise<readonly RegisterEntry[]> => {
  const entries: RegisterEntry[] = [];
  for await (const entry of readRegister(store, PRIMARY_BUCKET)) entries.push(entry);
  return entries;
};

test("it names every environment once, as it was last registered, and nothing of its data", async () => {
  const environment = environmentItem("shop", { replication: "single-region" });
  await putRegisterEntry(store, PRIMARY_BUCKET, environment);
  await putRegisterEntry(store, PRIMARY_BUCKET, environment);
  await putRegisterEntry(store, PRIMARY_BUCKET, environmentItem("blog"));
  expect(await all()).toEqual([
    { format: 1, environmentId: "blog", appId: "app", replication: "replicated", registeredAt: "2026-12-01T00:00:00Z" },
    {
      format: 1,
      environmentId: "shop",
      appId: "app",
      replication: "single-region",
      registeredAt: "2026-12-01T00:00:00Z",
    },
  ]);
  const text = store.bytes(PRIMARY_BUCKET, registerEntryKey("shop")).toString();
  for (const secret of ["database.example", "files-bucket", "subnet-1", "secret"]) expect(text).not.toContain(secret);
});

test("an entry that can't be understood is an error, not an environment less", async () => {
  await store.put({ bucket: PRIMARY_BUCKET, key: registerEntryKey("odd"), body: Buffer.from("{}") });
  await expect(all()).rejects.toThrow("The register's entry service/records/register/odd.json can't be understood.");
});
