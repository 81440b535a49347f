/** What the database task finds at a restore's target beyond the plainest facts. */
import type { DatabaseLocale, DatabaseProperties } from "../snapshot/manifest";

export interface TargetDetails {
  readonly login: {
    readonly name: string;
    /** Or a member of the role that stands in for one at RDS. */
    readonly superuser: boolean;
    /** Roles whose rights it has and that it may become, and so may give objects to; null: all, of a superuser. */
    readonly mayBecome: readonly string[] | null;
    /** How many more sessions it may have; null: no limit. */
    readonly sessionsLeft: number | null;
    /** When its password ends; null: never. */
    readonly validUntil: string | null;
  };
  /** A read replica: nothing can be restored there. */
  readonly inRecovery: boolean;
  /** Of the whole server, for a login that is no superuser. */
  readonly connectionsLeft: number;
  /** Where the live database lies, and all tablespaces with whether the login may put something there. */
  readonly tablespace: string;
  readonly tablespaces: readonly { readonly name: string; readonly usable: boolean }[];
  /** The versions in which the server offers each extension. */
  readonly extensionVersions: Readonly<Record<string, readonly string[]>>;
  readonly locale: DatabaseLocale;
  readonly properties: DatabaseProperties;
  /** Settings of the live database that the login can't give to another one, and the server's reason: the first twenty. */
  readonly settingsRefused: readonly SettingRefused[];
  readonly obstacles: DatabaseObstacles;
}
export interface SettingRefused {
  readonly name: string;
  /** Null: a setting of the database for every role. */
  readonly role: string | null;
  readonly reason: string;
}
/** What can keep a database from being renamed or dropped; of each list the first twenty. */
export interface DatabaseObstacles {
  readonly preparedTransactions: readonly { readonly gid: string; readonly owner: string }[];
  /** Logical replication slots, which go with the database. */
  readonly slots: readonly { readonly name: string; readonly active: boolean }[];
  /** Subscriptions in it; `ours`: the login may drop it. */
  readonly subscriptions: readonly { readonly name: string; readonly enabled: boolean; readonly ours: boolean }[];
  readonly replicationConnections: number;
  /** Kinds of the server's own processes that are connected to it, such as a scheduler's. */
  readonly workers: readonly string[];
  /** Sessions that the login can't end. */
  readonly unendableSessions: number;
}
