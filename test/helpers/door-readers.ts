import { ClientError } from '../../shared/errors.ts';
import type { DoorDeps } from '../../shared/http-door/door-deps.ts';
import type { DoorScene } from './door-scene.ts';

/** Returns a door whose readers wait until `meanwhile` has run, and then look. */
export function whileWaiting(
  door: DoorScene,
  meanwhile: () => Promise<unknown>,
  changes: Partial<DoorDeps> = {},
): DoorScene['ask'] {
  let isDone = false;
  return door.with({
    longPollMs: 60_000,
    eventsMs: 60_000,
    waitForNews: async (waiting) => {
      if (!isDone) await meanwhile();
      isDone = true;
      return door.deps.waitForNews(waiting);
    },
    ...changes,
  });
}

/** Returns a check of tokens that lets a subject in until `refuse` is called. */
export function createRefusable() {
  let isRefused = false;
  const admit: DoorDeps['admit'] = async () => {
    if (isRefused) throw new ClientError('revoked', 'Permissions were revoked.');
    return { subject: 'ann', isPrivate: true };
  };
  return { admit, refuse: () => void (isRefused = true) };
}
