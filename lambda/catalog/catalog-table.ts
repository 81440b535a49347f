/**
 * What the service needs of its DynamoDB table. Every method is exactly one request. Items carry `pk` and `sk`;
 * the index `by-type` has `type` and `sortKey`. Attributes are JSON values; absent and undefined are the same.
 */
export interface CatalogTable {
  /** Strongly consistent. */
  get(key: ItemKey): Promise<Item | undefined>;
  /** Throws ConditionFailed. */
  put(item: Item, condition?: Condition): Promise<void>;
  /** Sets and removes attributes of an item that must exist (or satisfy `condition`). Throws ConditionFailed. */
  update(key: ItemKey, change: Change, condition?: Condition): Promise<void>;
  /** Deleting what is absent is no error, unless the condition says otherwise. */
  delete(key: ItemKey, condition?: Condition): Promise<void>;
  /** Strongly consistent, one page in order of `sk`. */
  query(pk: string, options?: QueryOptions): Promise<ItemPage>;
  /** Eventually consistent, one page of the index in order of `sortKey`. */
  queryType(type: string, options?: TypeQueryOptions): Promise<ItemPage>;
  /** All or nothing, at most 100 writes. Throws ConditionFailed. */
  transact(writes: readonly Write[]): Promise<void>;
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}
export interface Item extends ItemKey {
  readonly type?: string;
  readonly sortKey?: string;
  readonly [attribute: string]: unknown;
}
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
}
/** All parts must hold. On an absent item every attribute is absent. */
export interface Condition {
  readonly absent?: boolean;
  readonly exists?: boolean;
  /** Top-level attributes equal to these values; null stands for "attribute absent, or null". */
  readonly equals?: Readonly<Record<string, string | number | boolean | null>>;
  /** Top-level attribute is one of these values. */
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
}
export interface QueryOptions {
  readonly skPrefix?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly descending?: boolean;
}
export interface TypeQueryOptions {
  /** Inclusive bound on `sortKey`. */
  readonly upTo?: string;
  readonly limit?: number;
  readonly cursor?: string;
}
export interface ItemPage {
  readonly items: readonly Item[];
  readonly cursor?: string;
}
export type Write =
  | { readonly kind: "put"; readonly item: Item; readonly condition?: Condition }
  | { readonly kind: "update"; readonly key: ItemKey; readonly change: Change; readonly condition?: Condition }
  | { readonly kind: "delete"; readonly key: ItemKey; readonly condition?: Condition }
  | { readonly kind: "check"; readonly key: ItemKey; readonly condition: Condition };

/** A conditional write found the item otherwise: somebody else was first, or it has been done already. */
export class ConditionFailed extends Error {
  override name = "ConditionFailed";
}
/** Throttling or a broken connection after all retries. */
export class CatalogUnavailable extends Error {
  override name = "CatalogUnavailable";
}
