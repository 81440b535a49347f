import { restoreStopsAnywhere } from "./restore-stops-anywhere";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

restoreStopsAnywhere("invocation");
