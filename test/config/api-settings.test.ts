/** What a stage says of its API reaches the API function. */
import { apiSettings } from "../../lambda/api/contract";
import { apiSettingsVariable } from "../../lib/api/api-settings";
import { apiConfiguration } from "../../lib/config/api-schema";

const api = {
  allowedNetworks: [],
  endpoint: "public",
  throttling: { requestsPerSecond: 100, burst: 200 },
};
const told = (change: object) =>
  apiSettings.parse(
    JSON.parse(apiSettingsVariable({ stage: "test", rows: [], api: apiConfiguration.parse({ ...api, ...change }) })),
  );

test("who may register what is new to an app", () => {
  expect(told({}).registering).toBeUndefined();
  expect(told({ registering: "app" }).registering).toBe("app");
  expect(() => told({ registering: "nobody" })).toThrow(/every-app/);
});
