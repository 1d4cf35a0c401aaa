import { AUTHENTICATED_PROCESS, AUTHENTICATED_URL } from './authenticated.ts';
import { spawnRuntime } from './runtime.ts';

/** Timeout in ms for the start with its synthesis. */
const START_MAXIMUM_MS = 120_000;

/**
 * Starts one `npm start -- --auth` for all tests of the project: jest's global setup. The template contains the address
 * of the runtime's issuer, so it cannot be synthesized before.
 */
export default async function startAuthenticated(): Promise<void> {
  const runtime = await spawnRuntime(['--auth', '--page', 'web'], START_MAXIMUM_MS);
  process.env[AUTHENTICATED_URL] = runtime.url;
  process.env[AUTHENTICATED_PROCESS] = String(runtime.process.pid);
}
