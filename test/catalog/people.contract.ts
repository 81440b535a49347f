/** What the catalog promises about principals and keys, on whatever table it stands. */
import { allPages, Catalog } from "../../lambda/catalog/catalog";
import { ConditionFailed, type CatalogTable } from "../../lambda/catalog/catalog-table";
import type { ApiKeyItem, PrincipalItem } from "../../lambda/catalog/items";

const collect = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of pages) all.push(one);
  return all;
};
const principal = (name: string, change: Partial<PrincipalItem> = {}): PrincipalItem => ({
  name,
  grants: [{ app: "*", role: "read" }],
  createdAt: "2026-12-05T00:00:00Z",
  createdBy: "root",
  updatedAt: "2026-12-05T00:00:00.000Z",
  ...change,
});
const key = (of: string, hash: string): ApiKeyItem => ({
  principal: of,
  keyId: hash.slice(0, 8),
  hash,
  label: "",
  createdAt: "2026-12-05T00:00:00Z",
  createdBy: "root",
  expiresAt: null,
});

export const peopleContract = (name: string, start: () => Promise<CatalogTable>): void => {
  describe(`the people of the catalog on ${name}`, () => {
    let catalog: Catalog;
    beforeAll(async () => {
      catalog = new Catalog(await start());
    });

    test("a principal is changed over the item that was read, or not at all", async () => {
      const operator = principal("operator@example.com");
      await catalog.putPrincipal(operator, null);
      await expect(catalog.putPrincipal(operator, null)).rejects.toBeInstanceOf(ConditionFailed);
      const changed = { ...operator, grants: [], updatedAt: "2026-12-05T00:00:00.001Z" };
      await catalog.putPrincipal(changed, operator);
      await expect(catalog.putPrincipal(operator, operator)).rejects.toBeInstanceOf(ConditionFailed);
      expect(await catalog.getPrincipal(operator.name)).toEqual(changed);
      await catalog.putPrincipal(operator);
      expect(await catalog.getPrincipal(operator.name)).toEqual(operator);
      expect(await catalog.getPrincipal("OPERATOR@example.com")).toBeUndefined();
    });

    test("principals are listed by name, in pages", async () => {
      // The longest name that the contract admits, in the widest letters, fits into the index.
      const names = ["p-1", "p-2", "p-3", "𝔞".repeat(128)];
      for (const one of names.toReversed()) await catalog.putPrincipal(principal(one));
      const page = await catalog.listPrincipals(undefined, 2);
      expect(page.items).toHaveLength(2);
      const all = await collect(allPages((cursor) => catalog.listPrincipals(cursor, 2)));
      expect(all.map((one) => one.name).filter((one) => names.includes(one))).toEqual(names);
    });

    test("a key is found by its hash alone, and belongs to one principal", async () => {
      const [first, second] = [key("p-1", "aa".repeat(32)), key("p-1", "bb".repeat(32))];
      for (const one of [first, second, key("p-2", "cc".repeat(32))]) await catalog.putApiKey(one);
      expect(await catalog.getApiKey(first)).toEqual(first);
      expect(await catalog.getApiKey({ ...first, principal: "p-2" })).toBeUndefined();
      expect(await collect(allPages((cursor) => catalog.listApiKeys("p-1", cursor)))).toEqual([first, second]);
      await catalog.deleteApiKey(first);
      await catalog.deleteApiKey(first);
      expect(await collect(allPages((cursor) => catalog.listApiKeys("p-1", cursor)))).toEqual([second]);
    });
  });
};
