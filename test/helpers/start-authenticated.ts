import { AUTHENTICATED } from './authenticated.ts';
import { startShared } from './shared-runtime.ts';

/** The HTTP door of that runtime: its waits are short, since a reader takes a process until they end. */
const HTTP = { longPollSeconds: 10, eventsSeconds: 5 } as const;

/** The settings of topics there: a pattern for each setting that a client notices. No other test uses these names. */
const TOPICS = {
  'governed/state/*': { lastValueOnly: true },
  'governed/short/*': { history: 2 },
  'governed/owned/*': { create: 'server' },
} as const;

/**
 * Starts the runtime of the project `authenticated`: jest's global setup. The template contains the address of the
 * runtime's issuer, so it cannot be synthesized before.
 */
const startAuthenticated = (): Promise<void> => {
  const settings = Object.entries({ http: HTTP, topics: TOPICS });
  const context = settings.flatMap(([name, value]) => ['--context', `${name}=${JSON.stringify(value)}`]);
  return startShared(AUTHENTICATED, ['--auth', '--page', 'web', ...context]);
};

export default startAuthenticated;
