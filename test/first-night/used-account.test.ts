import { USED_ACCOUNT } from "./accounts";
import { expectCompletedUnder } from "./raised-quotas";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

test("the first night with 50 functions and 16 vCPU at a time", () => expectCompletedUnder(USED_ACCOUNT, 5), 300_000);
