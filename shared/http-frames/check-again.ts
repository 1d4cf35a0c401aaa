import { needsOf } from '../auth/needs.ts';
import { checkNeeds } from '../auth/permissions.ts';
import { ClientError } from '../errors.ts';
import { ERROR_CODES, type ErrorCode } from '../protocol/error-codes.ts';
import type { ErrorFrame } from '../protocol/server-frames.ts';
import type { FramesDeps } from './frames-deps.ts';
import type { FramesSession } from './frames-session.ts';

/** A session with its token as it is now, or the error frame that ends its answer. */
type Checked = FramesSession | { readonly refusal: string };

/** Checks the client's token once more, after a wait, and whether it permits the topics that are followed. */
export async function checkAgain(deps: FramesDeps, session: FramesSession): Promise<Checked> {
  const { request, followed } = session;
  const again = await deps.authenticate(request);
  if ('refused' in again) return { refusal: errorFrame(again.refused === 401 ? 'token-expired' : 'revoked', ['*']) };
  const { principal } = again;
  if (principal === undefined) return session;
  try {
    const needs = followed.topics.flatMap((topic) => needsOf({ action: 'subscribe', topic }));
    checkNeeds(principal, needs, deps.now());
    return { ...session, principal };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const code = error.code === 'token-expired' ? 'token-expired' : 'revoked';
    return { refusal: errorFrame(code, principal.revoked) };
  }
}

const errorFrame = (code: ErrorCode, topics: readonly string[]): string =>
  JSON.stringify({
    type: 'error',
    code,
    message: ERROR_CODES[code],
    ...(code === 'revoked' ? { topics: [...topics] } : {}),
  } satisfies ErrorFrame);
