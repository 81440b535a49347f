/**
 * What may differ between a database and its copy after a round trip, and why. The comparison leaves out exactly this
 * and nothing else: new catalogs and columns of PostgreSQL are compared, too.
 */

/** Catalogs of which no row is compared as it is. */
export const CATALOGS_LEFT_OUT: Readonly<Record<string, string>> = {
  pg_statistic: "what ANALYZE found; gathered anew after a restore",
  pg_statistic_ext_data: "what ANALYZE found; gathered anew after a restore",
  pg_depend: "follows from the objects themselves; dependencies that people add are compared by the text of the dump",
  pg_shdepend: "follows from owners, privileges and policies, which are compared",
  pg_largeobject: "compared as contents, by number and SHA-256",
  pg_authid: "roles are the server's, not the database's",
  pg_auth_members: "roles are the server's, not the database's",
  pg_tablespace: "tablespaces are the server's, not the database's",
  pg_parameter_acl: "privileges on settings are the server's, not the database's",
  pg_replication_origin: "how far this server has followed another one",
  pg_subscription_rel: "how far a subscription has come; a restored one begins again",
  pg_shdescription: "the database's own comment is compared with it; others are of roles and tablespaces",
  pg_shseclabel: "of databases and roles; no PostgreSQL comes with a provider of labels",
  pg_seclabel: "no PostgreSQL comes with a provider of labels",
};

/** Columns, as `catalog.column`, that are not compared. */
export const COLUMNS_LEFT_OUT: Readonly<Record<string, string>> = {
  "*.oid": "numbers are given by the server; names are compared",
  "pg_class.reltype": "the number of the table's own row type",
  "pg_class.relfilenode": "a place on the disk",
  "pg_class.relpages": "a size on the disk",
  "pg_class.reltuples": "an estimate",
  "pg_class.relallvisible": "an estimate",
  "pg_class.reltoastrelid": "the table's toast table; its settings are compared",
  "pg_class.relfrozenxid": "transaction numbers are the server's",
  "pg_class.relminmxid": "transaction numbers are the server's",
  "pg_class.relnatts": "counts dropped columns too; the columns are compared",
  "pg_class.relhasindex": "a hint that may be out of date; the indexes are compared",
  "pg_class.relhasrules": "a hint that may be out of date; the rules are compared",
  "pg_class.relhastriggers": "a hint that may be out of date; the triggers are compared",
  "pg_class.relhassubclass": "a hint that may be out of date; inheritance is compared",
  "pg_class.relpartbound": "compared as text",
  "pg_attribute.attnum": "counts dropped columns too; the order is compared",
  "pg_attribute.attcacheoff": "used in memory only",
  "pg_attribute.atthasmissing": "how rows from before an added column are stored; the rows are compared",
  "pg_attribute.attmissingval": "how rows from before an added column are stored; the rows are compared",
  "pg_attribute.attndims": "PostgreSQL takes no notice of declared dimensions, and pg_dump doesn't write them",
  "pg_attrdef.adbin": "compared as text",
  "pg_collation.collversion": "of the server's own library, which the copy was sorted with",
  "pg_constraint.conbin": "compared as text",
  "pg_constraint.confdelsetcols": "compared as text",
  "pg_database.datfrozenxid": "transaction numbers are the server's",
  "pg_database.datminmxid": "transaction numbers are the server's",
  "pg_database.datcollversion": "of the server's own library, which the copy was sorted with",
  "pg_database.datname": "the copy's own name",
  "pg_enum.enumsortorder": "the order is compared",
  "pg_extension.extowner": "PostgreSQL can't give an extension to another; it belongs to whoever restored it",
  "pg_index.indcheckxmin": "of the moment at which the index was built",
  "pg_index.indexprs": "compared as text",
  "pg_index.indpred": "compared as text",
  "pg_partitioned_table.partexprs": "compared as text",
  "pg_policy.polqual": "compared as text",
  "pg_policy.polwithcheck": "compared as text",
  "pg_proc.proargdefaults": "compared as text",
  "pg_proc.prosqlbody": "compared as text",
  "pg_publication_rel.prqual": "compared as text",
  "pg_publication_rel.prattrs": "compared as names",
  "pg_rewrite.ev_qual": "compared as text",
  "pg_rewrite.ev_action": "compared as text",
  "pg_statistic_ext.stxexprs": "compared as text",
  "pg_subscription.subdbid": "the database itself",
  "pg_trigger.tgqual": "compared as text",
  "pg_type.typdefaultbin": "compared as text",
};

/** Of some rows only: what PostgreSQL's own pg_dump doesn't write. */
export const PARTLY_LEFT_OUT: readonly { readonly what: string; readonly reason: string }[] = [
  { what: "temporary objects", reason: "they end with their session" },
  { what: "dropped columns", reason: "nothing but their place in old rows is left of them" },
  {
    what: "toast tables and their indexes",
    reason: "made by the server where it needs them; their settings are compared",
  },
  {
    what: "owners of multirange types",
    reason: "PostgreSQL can't give one to another; it belongs to whoever restored the range type",
  },
  {
    what: "how inherited columns are compressed",
    reason: "it only counts for values to come, and pg_dump doesn't write that a child differs from its parent",
  },
  {
    what: "whether the keys of partitions are inherited",
    reason: "says nothing of them, and PostgreSQL sets it one way or the other",
  },
  {
    what: "settings of toast tables that no column needs",
    reason: "there is nothing that they would be settings of",
  },
  {
    what: "what a materialized view held that had not been refreshed since its tables changed",
    reason: "no dump holds the rows of materialized views; they are computed anew from the restored tables",
  },
  {
    what: "operators that were only named, as a commutator or negator, and never made",
    reason: "they can't be used; pg_dump leaves them out",
  },
];
