import { AUTHENTICATED } from './authenticated.ts';
import { stopShared } from './shared-runtime.ts';

/** jest's global teardown. */
const stopAuthenticated = (): Promise<void> => stopShared(AUTHENTICATED);

export default stopAuthenticated;
