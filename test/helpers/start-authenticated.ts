import { AUTHENTICATED } from './authenticated.ts';
import { startShared } from './shared-runtime.ts';

/** The HTTP door of that runtime: its waits are short, since a reader takes a process until they end. */
const HTTP = { longPollSeconds: 10, eventsSeconds: 5 } as const;

/**
 * Starts the runtime of the project `authenticated`: jest's global setup. The template contains the address of the
 * runtime's issuer, so it cannot be synthesized before.
 */
const startAuthenticated = (): Promise<void> =>
  startShared(AUTHENTICATED, ['--auth', '--page', 'web', '--context', `http=${JSON.stringify(HTTP)}`]);

export default startAuthenticated;
