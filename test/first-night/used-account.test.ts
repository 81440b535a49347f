import { USED_ACCOUNT } from "./accounts";
import { playUnderRaisedQuotas } from "./raised-quotas";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

test("the first night with 50 functions and 16 vCPU at a time", () => playUnderRaisedQuotas(USED_ACCOUNT, 5), 300_000);
