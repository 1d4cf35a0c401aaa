import { AUTHENTICATED } from './authenticated.ts';
import { startShared } from './shared-runtime.ts';

/**
 * Starts the runtime of the project `authenticated`: jest's global setup. The template contains the address of the
 * runtime's issuer, so it cannot be synthesized before.
 */
const startAuthenticated = (): Promise<void> => startShared(AUTHENTICATED, ['--auth', '--page', 'web']);

export default startAuthenticated;
