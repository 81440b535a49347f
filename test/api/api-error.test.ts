/** Which of the published codes a failure becomes. */
import { apiErrorOf, ERROR_CODES, UNAVAILABLE } from "../../lambda/api/api-error";
import { CatalogUnavailable } from "../../lambda/catalog/catalog-table";
import { ServiceFailure } from "../../lambda/runtime/collaborators";

const SENTENCE = "Something is so; do this.";

test.each([
  ["EnvironmentNotFound", false, "ENVIRONMENT_NOT_FOUND", 404],
  ["SnapshotExpired", false, "NOT_FOUND", 404],
  ["SnapshotNotCompleted", false, "INVALID_STATE", 400],
  ["TargetInOtherRegion", false, "NOT_SUPPORTED", 400],
  ["LockedInCompliance", false, "NOT_SUPPORTED", 400],
  ["EnvironmentBusy", true, "ENVIRONMENT_BUSY", 400],
  ["InvalidInput", false, "INVALID_PARAMETERS", 400],
  ["SomethingNew", false, "INVALID_STATE", 400],
])("%s", (code, retryable, expected, status) => {
  const { answer, told } = apiErrorOf(new ServiceFailure(code, SENTENCE, retryable));
  expect(answer).toMatchObject({ code: expected, status, message: SENTENCE });
  expect(told).toBe(true);
});

test.each([
  ["a failure that may pass", new ServiceFailure("SomethingNew", SENTENCE, true)],
  ["the catalog away", new CatalogUnavailable("Table is away.")],
  ["anything else", new TypeError("Cannot read properties of undefined")],
  ["no error at all", "text"],
])("%s is not told of, and so has to be logged", (_, error) => {
  const { answer, told } = apiErrorOf(error);
  expect(answer).toMatchObject({ code: "SERVICE_UNAVAILABLE", status: 500, message: UNAVAILABLE });
  expect(told).toBe(false);
});

test("the codes are the published ones", () => {
  expect([...ERROR_CODES].toSorted()).toEqual([
    // Version 1's among them.
    "APP_NOT_FOUND",
    "ENVIRONMENT_BUSY",
    "ENVIRONMENT_NOT_FOUND",
    "ERROR_NOT_ALLOWED",
    "INTERNAL_SERVER_ERROR",
    "INVALID_APPID",
    "INVALID_ENVIRONMENT",
    "INVALID_PARAMETERS",
    "INVALID_STATE",
    "NOT_FOUND",
    "NOT_SUPPORTED",
    "NO_ACCESS",
    "SERVICE_UNAVAILABLE",
    "SNAPSHOT_LISTING_FAILED",
    "SNAPSHOT_NOT_FOUND",
    "UNSUPPORTED",
  ]);
});
