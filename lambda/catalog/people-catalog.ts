/** Who may do what: principals and the hashes of their keys. Every method is one request. */
import { page, type Page } from "./catalog-base";
import type { ApiKeyItem, PrincipalItem } from "./items";
import { principalPk } from "./principal-pk";
import { TaskImageCatalog } from "./task-image-catalog";

const principalKey = (name: string) => ({ pk: principalPk(name), sk: "PRINCIPAL" });
const apiKeyKey = ({ principal, hash }: Pick<ApiKeyItem, "principal" | "hash">) => ({
  pk: principalKey(principal).pk,
  sk: `KEY#${hash}`,
});

export class PeopleCatalog extends TaskImageCatalog {
  async getPrincipal(name: string): Promise<PrincipalItem | undefined> {
    return this.read(principalKey(name));
  }
  /**
   * With `standing` only over that one (null: only where there is none), told by the time of its last change. Throws
   * ConditionFailed.
   */
  async putPrincipal(principal: PrincipalItem, standing?: PrincipalItem | null): Promise<void> {
    const item = { ...principalKey(principal.name), type: "PRINCIPAL", sortKey: principal.name, ...principal };
    if (standing === undefined) return this.table.put(item);
    return this.table.put(item, standing === null ? { absent: true } : { equals: { updatedAt: standing.updatedAt } });
  }
  async listPrincipals(cursor?: string, limit?: number): Promise<Page<PrincipalItem>> {
    return page(
      await this.table.queryType("PRINCIPAL", {
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      }),
    );
  }
  async putApiKey(key: ApiKeyItem): Promise<void> {
    await this.table.put({ ...apiKeyKey(key), ...key });
  }
  async getApiKey(key: Pick<ApiKeyItem, "principal" | "hash">): Promise<ApiKeyItem | undefined> {
    return this.read(apiKeyKey(key));
  }
  async listApiKeys(principal: string, cursor?: string): Promise<Page<ApiKeyItem>> {
    return page(
      await this.table.query(principalKey(principal).pk, {
        skPrefix: "KEY#",
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }
  async deleteApiKey(key: Pick<ApiKeyItem, "principal" | "hash">): Promise<void> {
    await this.table.delete(apiKeyKey(key));
  }
}
