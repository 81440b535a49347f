/**
 * A DynamoDB table in memory, for tests that need speed and faults. `onRequest` runs before an operation's effect,
 * `onReply` between the effect and the answer (a throw there is a lost reply). Like DynamoDB it refuses items over
 * 400 KB, empty index keys, and transactions that name an item twice. The index is consistent at once.
 */
import {
  ConditionFailed,
  type CatalogTable,
  type Change,
  type Condition,
  type Item,
  type ItemKey,
  type ItemPage,
  type QueryOptions,
  type TypeQueryOptions,
  type Write,
} from "../../lambda/catalog/catalog-table";

export type TableOperation = "get" | "put" | "update" | "delete" | "query" | "queryType" | "transact";
/** A query has only `pk`, a type query only `type`; a transaction names its writes. */
export interface TableRef {
  readonly pk?: string;
  readonly sk?: string;
  readonly type?: string;
  readonly writes?: readonly ItemKey[];
}
export type TableHook = (operation: TableOperation, ref: TableRef) => void | Promise<void>;

const ITEM_BYTES = 400 * 1024;
const byteOrder = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

export class MemoryTable implements CatalogTable {
  onRequest: TableHook | undefined;
  onReply: TableHook | undefined;
  /** Every request made, in order. */
  readonly requests: { operation: TableOperation; ref: TableRef }[] = [];
  private items = new Map<string, Item>();

  constructor(private readonly options: { readonly pageLimit?: number } = {}) {}

  /** Everything in the table, without a request. */
  all(): Item[] {
    return [...this.items.values()].map(clone).toSorted((a, b) => byteOrder(a.pk, b.pk) || byteOrder(a.sk, b.sk));
  }
  /** Remembers all items; calling the result puts them back. */
  save(): () => void {
    const items = new Map(this.items);
    return () => {
      this.items = new Map(items);
      this.requests.length = 0;
    };
  }
  /** Loses everything, as a catalog emptied behind the service's back. */
  clear(): void {
    this.items.clear();
  }

  get(key: ItemKey): Promise<Item | undefined> {
    return this.request("get", keyOf(key), () => {
      const item = this.items.get(nameOf(key));
      return item === undefined ? undefined : clone(item);
    });
  }
  put(item: Item, condition?: Condition): Promise<void> {
    return this.request("put", keyOf(item), () =>
      this.apply([{ kind: "put", item, ...(condition === undefined ? {} : { condition }) }]),
    );
  }
  update(key: ItemKey, change: Change, condition?: Condition): Promise<void> {
    return this.request("update", keyOf(key), () =>
      this.apply([{ kind: "update", key, change, ...(condition === undefined ? {} : { condition }) }]),
    );
  }
  delete(key: ItemKey, condition?: Condition): Promise<void> {
    return this.request("delete", keyOf(key), () =>
      this.apply([{ kind: "delete", key, ...(condition === undefined ? {} : { condition }) }]),
    );
  }
  query(pk: string, options: QueryOptions = {}): Promise<ItemPage> {
    return this.request("query", { pk }, () => {
      const direction = options.descending === true ? -1 : 1;
      const found = [...this.items.values()].filter(
        (item) => item.pk === pk && item.sk.startsWith(options.skPrefix ?? ""),
      );
      return this.page(found, (a, b) => direction * byteOrder(a.sk, b.sk), options);
    });
  }
  queryType(type: string, options: TypeQueryOptions = {}): Promise<ItemPage> {
    return this.request("queryType", { type }, () => {
      const found = [...this.items.values()]
        .filter((item) => item.type === type && item.sortKey !== undefined)
        .filter((item) => options.upTo === undefined || byteOrder(item.sortKey ?? "", options.upTo) <= 0);
      return this.page(found, bySortKey, options);
    });
  }
  transact(writes: readonly Write[]): Promise<void> {
    const keys = writes.map((write) => keyOf(write.kind === "put" ? write.item : write.key));
    return this.request("transact", { writes: keys }, () => {
      if (writes.length === 0 || writes.length > 100) throw new Error("A transaction takes 1 to 100 writes.");
      if (new Set(keys.map(nameOf)).size < keys.length) throw new Error("A transaction can't name an item twice.");
      this.apply(writes);
    });
  }

  private async request<T>(operation: TableOperation, ref: TableRef, effect: () => T): Promise<T> {
    this.requests.push({ operation, ref });
    await this.onRequest?.(operation, ref);
    const result = effect();
    await this.onReply?.(operation, ref);
    return result;
  }

  /** All or nothing. */
  private apply(writes: readonly Write[]): void {
    const items = new Map(this.items);
    for (const write of writes) {
      const key = write.kind === "put" ? write.item : write.key;
      const standing = items.get(nameOf(key));
      const condition = write.condition ?? (write.kind === "update" ? { exists: true } : {});
      if (!holds(standing, condition)) throw new ConditionFailed(`The item ${key.pk} ${key.sk} is not as expected.`);
      if (write.kind === "put") items.set(nameOf(key), checked(clone(write.item)));
      if (write.kind === "delete") items.delete(nameOf(key));
      if (write.kind === "update") items.set(nameOf(key), checked(changed(standing ?? keyOf(key), write.change)));
    }
    this.items = items;
  }

  /** One page of what is in order; the item of the cursor may be gone by now. */
  private page(
    found: readonly Item[],
    order: Order,
    options: { readonly limit?: number; readonly cursor?: string },
  ): ItemPage {
    const limit = options.limit ?? this.options.pageLimit ?? 1000;
    const after = options.cursor === undefined ? undefined : (JSON.parse(options.cursor) as Item);
    const rest = found.filter((item) => after === undefined || order(item, after) > 0).toSorted(order);
    const items = rest.slice(0, limit).map(clone);
    const last = items[items.length - 1];
    if (rest.length <= limit || last === undefined) return { items };
    return { items, cursor: JSON.stringify({ ...keyOf(last), sortKey: last.sortKey }) };
  }
}
type Order = (a: Item, b: Item) => number;
const bySortKey: Order = (a, b) => byteOrder(a.sortKey ?? "", b.sortKey ?? "") || byteOrder(nameOf(a), nameOf(b));

const nameOf = (key: ItemKey): string => `${key.pk}\u0000${key.sk}`;
const keyOf = ({ pk, sk }: ItemKey): Item => ({ pk, sk });
/** As JSON: what is undefined is absent. */
const clone = (item: Item): Item => JSON.parse(JSON.stringify(item)) as Item;

const checked = (item: Item): Item => {
  if (Buffer.byteLength(JSON.stringify(item)) > ITEM_BYTES)
    throw new Error("Item size has exceeded the maximum allowed size (400 KB).");
  if (item.pk === "" || item.sk === "" || item.type === "" || item.sortKey === "")
    throw new Error("A key attribute can't be empty.");
  return item;
};

const changed = (standing: Item, change: Change): Item => {
  const next: Record<string, unknown> = { ...standing, ...(JSON.parse(JSON.stringify(change.set ?? {})) as object) };
  for (const attribute of change.remove ?? []) delete next[attribute];
  return next as Item;
};

const holds = (item: Item | undefined, condition: Condition): boolean => {
  if (condition.absent === true && item !== undefined) return false;
  if (condition.exists === true && item === undefined) return false;
  for (const [attribute, value] of Object.entries(condition.equals ?? {})) {
    const actual = item?.[attribute];
    if (value === null ? actual !== undefined && actual !== null : actual !== value) return false;
  }
  for (const [attribute, values] of Object.entries(condition.oneOf ?? {})) {
    if (!values.includes(item?.[attribute] as string)) return false;
  }
  return true;
};
