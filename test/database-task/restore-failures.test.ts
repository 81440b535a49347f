import { restoreFailure } from "../../lambda/database-task/restore-failures";

/** What servers and pg_restore say, and what is to be done. */
test.each([
  ['could not extend file "base/1/2": No space left on device', "ServerFull", /more storage/],
  ["could not write to file: Disk quota exceeded", "ServerFull", /more storage/],
  ["out of memory", "ServerOutOfMemory", /more memory/],
  ["invalid memory alloc request size 1073741824", "ServerOutOfMemory", /more memory/],
  ["out of shared memory", "ServerOutOfMemory", /max_locks_per_transaction/],
  ["server closed the connection unexpectedly", "DatabaseUnreachable", /check the server/],
  ["terminating connection due to administrator command", "DatabaseUnreachable", /check the server/],
  ['connection to server at "db", port 5432 failed: Connection refused', "DatabaseUnreachable", /check the server/],
  ['extension "postgis" is not available', "RestoreFailed", /install the extension/],
  ['could not open extension control file "/x.control": No such file', "RestoreFailed", /install the extension/],
  ['could not access file "$libdir/own": No such file or directory', "RestoreFailed", /install the library/],
  ['permission denied to create extension "dblink"', "PermissionMissing", /only a superuser .* in place of "master"/],
  ['permission denied to create event trigger "e"', "PermissionMissing", /only a superuser/],
  ["must be superuser to create FOR ALL TABLES publication", "PermissionMissing", /only a superuser/],
  ["permission denied for schema closed", "PermissionMissing", /grant "master" that right/],
  ['must be member of role "app"', "PermissionMissing", /grant "master" that right/],
  ['must be able to SET ROLE "app"', "PermissionMissing", /grant "master" that right/],
  ["must be owner of table t", "PermissionMissing", /grant "master" that right/],
  ['no privileges could be revoked for "lower"', "PermissionMissing", /grant "master" that right/],
  ['role "reader" does not exist', "RestoreFailed", /create that role/],
  ['collation "de_DE" for encoding "UTF8" does not exist', "RestoreFailed", /install that locale/],
  ['could not open collator for locale "xx": U_ILLEGAL_ARGUMENT_ERROR', "RestoreFailed", /install that locale/],
  [
    'character with byte sequence 0xe2 0x82 0xac in encoding "UTF8" has no equivalent in encoding "LATIN1"',
    "RestoreFailed",
    /snapshot's encoding/,
  ],
  ['invalid byte sequence for encoding "UTF8": 0xff', "RestoreFailed", /snapshot's encoding/],
  ['index row size 2800 exceeds btree version 4 maximum 2704 for index "i"', "RestoreFailed", /too large/],
  ["value too long for type character varying(3)", "RestoreFailed", /too large/],
  ['could not create unique index "i"', "RestoreFailed", /equal here/],
  ['unrecognized configuration parameter "transaction_timeout"', "RestoreFailed", /version or newer/],
  ["something else", "RestoreFailed", /mend that at the target/],
])("%s: %s", (words, code, mend) => {
  const failure = restoreFailure(`${words}.`, '"shop" on db:5432', "master");
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(mend);
  expect(failure.message).toContain(`The restore into the database "shop" on db:5432 failed (${words}); `);
});
