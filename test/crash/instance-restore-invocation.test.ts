import { instanceRestoreStopsAnywhere } from "./instance-restore-stops-anywhere";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

instanceRestoreStopsAnywhere("invocation");
