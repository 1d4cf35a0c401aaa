import { setTimeout as sleep } from 'node:timers/promises';
import { AUTHENTICATED_PROCESS } from './authenticated.ts';

/** Number of checks of whether the runtime has ended. The runtime ends itself in less than 3 s. */
const CHECKS = 100;
/** Pause in ms between two checks. */
const CHECK_MS = 50;

/** Ends the runtime as Ctrl-C does: jest's global teardown. */
export default async function stopAuthenticated(): Promise<void> {
  const pid = Number(process.env[AUTHENTICATED_PROCESS]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  for (let check = 0; check < CHECKS && isAlive(pid, check === 0 ? 'SIGINT' : 0); check++) await sleep(CHECK_MS);
}

function isAlive(pid: number, signal: 'SIGINT' | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
