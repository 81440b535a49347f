/** Which version of the service this is: package.json's, which stack outputs and the API's description tell. */
import { version } from "../../package.json";

export const SERVICE_VERSION: string = version;
