// The service starts while the tests are loaded.
import { serviceUrl } from "./service.js";

serviceUrl().catch(() => undefined); // each test that needs it says why it is not there
