import { OLD_ACCOUNT } from "./accounts";
import { expectCompletedUnder } from "./raised-quotas";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

test(
  "the first night with 1,000 functions, 100 of them for the API, and 128 vCPU at a time",
  () => expectCompletedUnder(OLD_ACCOUNT, 4),
  300_000,
);
