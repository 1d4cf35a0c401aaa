import { AUTHENTICATED_PROCESS, AUTHENTICATED_URL } from './authenticated.ts';
import { spawnRuntime } from './runtime.ts';

/** A start with its synthesis that takes longer has failed. */
const START_MAXIMUM_MS = 120_000;

/** jest's global setup: one `npm start -- --auth` for all tests of the project, since its issuer is in its template. */
export default async function startAuthenticated(): Promise<void> {
  const runtime = await spawnRuntime(['--auth'], START_MAXIMUM_MS);
  process.env[AUTHENTICATED_URL] = runtime.url;
  process.env[AUTHENTICATED_PROCESS] = String(runtime.process.pid);
}
