/** Patterns of object keys for permissions, made by the same functions that make the keys. */
import {
  attemptPrefix,
  manifestKey,
  packsPrefix,
  recordsPrefix,
  SERVICE_RECORDS_PREFIX,
  type EnvironmentPlace,
} from "../../lambda/storage/object-keys";

/** `*` in a place: any replication class, any environment. */
const ANYWHERE = { replication: "*", environmentId: "*" } as unknown as EnvironmentPlace;

export const ATTEMPT_OBJECTS = `${attemptPrefix(ANYWHERE, "*", "*")}*`;
export const MANIFESTS = manifestKey(ANYWHERE, "*");
export const PACKS = `${packsPrefix(ANYWHERE)}*`;
export const RECORDS = `${recordsPrefix(ANYWHERE)}*`;
/** Records of changes that belong to no environment. */
export const SERVICE_RECORDS = `${SERVICE_RECORDS_PREFIX}*`;
