/** Patterns of object keys for permissions, made by the same functions that make the keys. */
import {
  attemptPrefix,
  auditRecordKey,
  drillsRecordKey,
  manifestKey,
  outcomeRecordKey,
  packsPrefix,
  recordsPrefix,
  REGISTER_PREFIX,
  SERVICE_RECORDS_PREFIX,
  serviceAuditRecordKey,
  type EnvironmentPlace,
} from "../../lambda/storage/object-keys";

/** `*` in a place: any replication class, any environment. */
const ANYWHERE = { replication: "*", environmentId: "*" } as unknown as EnvironmentPlace;

export const ATTEMPT_OBJECTS = `${attemptPrefix(ANYWHERE, "*", "*")}*`;
/** Parts of the file index, as `fileIndexKey` names them. */
export const FILE_INDEX = `${attemptPrefix(ANYWHERE, "*", "*")}files/*`;
export const MANIFESTS = manifestKey(ANYWHERE, "*");
export const PACKS = `${packsPrefix(ANYWHERE)}*`;
export const RECORDS = `${recordsPrefix(ANYWHERE)}*`;
/** What became of snapshots. */
export const OUTCOMES = outcomeRecordKey(ANYWHERE, "*");
/** The environments' last drills. */
export const DRILLS_RECORDS = drillsRecordKey(ANYWHERE);
/** Records of changes that belong to no environment. */
export const SERVICE_RECORDS = `${SERVICE_RECORDS_PREFIX}*`;
/** The environments that are registered. */
export const REGISTER = `${REGISTER_PREFIX}*`;
/** Who did what, to environments and to who may do what. */
export const AUDIT_RECORDS = [auditRecordKey(ANYWHERE, "*", "*"), serviceAuditRecordKey("*", "*")];
