/** What every part of the catalog stands on: the table, pages, and the precision of times. */
import type { CatalogTable, Item } from "./catalog-table";

export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

export class CatalogBase {
  constructor(protected readonly table: CatalogTable) {}

  protected async read<T>(key: { pk: string; sk: string }): Promise<T | undefined> {
    const item = await this.table.get(key);
    return item === undefined ? undefined : strip<T>(item);
  }
}

/** Every item of a paged query, a page at a time. */
export async function* allPages<T>(next: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const found: Page<T> = await next(cursor);
    yield* found.items;
    cursor = found.cursor;
  } while (cursor !== undefined);
}

/** ISO 8601 in UTC, cut to the second: the precision of every stored time. */
export const isoSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

/** Of everything that is an environment's own. */
export const environmentPk = (environmentId: string): string => `ENVIRONMENT#${environmentId}`;

const strip = <T>(item: Item): T => {
  const { pk: _pk, sk: _sk, type: _type, sortKey: _sortKey, ...rest } = item;
  return rest as T;
};

export const page = <T>(found: { items: readonly Item[]; cursor?: string }): Page<T> => ({
  items: found.items.map((item) => strip<T>(item)),
  ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
});
