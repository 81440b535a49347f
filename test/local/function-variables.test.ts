/** What a function of the local run is told: the template's variables, but storage is where the gateway is. */
import { STORAGE_ORIGIN_VARIABLE } from "../../lambda/console/contract";
import { functionVariables } from "../../local/functions/functions";

const variablesOf = (variables: Record<string, string>): Record<string, string> =>
  functionVariables(
    {
      name: "console",
      region: "eu-central-1",
      properties: {
        Code: {},
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Role: "arn:aws:iam::123456789012:role/console",
        Environment: { Variables: variables },
      },
    },
    "http://127.0.0.1:4711/",
  );

test("the page may send uploads to the gateway, to which parts' addresses lead", () => {
  const origin = "https://backups-123456789012-eu-central-1-transfer.s3.eu-central-1.amazonaws.com";
  const variables = variablesOf({ [STORAGE_ORIGIN_VARIABLE]: origin, REGION: "eu-central-1" });
  expect(variables).toMatchObject({ [STORAGE_ORIGIN_VARIABLE]: "http://127.0.0.1:4711", REGION: "eu-central-1" });
});

test("a function that isn't told where storage is stays without", () => {
  expect(variablesOf({ REGION: "eu-central-1" })).not.toHaveProperty(STORAGE_ORIGIN_VARIABLE);
});
