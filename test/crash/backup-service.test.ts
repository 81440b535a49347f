import { backupStopsAnywhere } from "./backup-stops-anywhere";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

backupStopsAnywhere("service");
