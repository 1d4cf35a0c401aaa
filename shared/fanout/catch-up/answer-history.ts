import { ERROR_CODES } from '../../protocol/error-codes.ts';
import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { HistoryRequest } from '../../store/history-request.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { readOlder } from './older-messages.ts';
import { encodeHistory } from './recovery-frames.ts';
import { sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/**
 * Sends the older messages that a client asked for. An answer that the connection does not take is `dropped`: it is
 * neither retried nor owed, so that no lane waits for it, and the client can ask again. Rejects when the stores cannot
 * be read.
 */
export async function answerHistory(
  deps: SendRecoveryDeps,
  request: HistoryRequest,
): Promise<DeliveryResult['outcome'] | 'dropped'> {
  const { outcome } = await sendFrames(deps, request, await historyFrames(deps, request));
  return outcome === 'gone' || outcome === 'delivered' ? outcome : 'dropped';
}

/**
 * Makes the frames of the answer: `unavailable` for a connection whose budget is used up, and while messages are on
 * their way to the archive.
 */
async function historyFrames(deps: SendRecoveryDeps, request: HistoryRequest): Promise<string[]> {
  const older = deps.budget.hasRoom(request.connectionId)
    ? await readOlder(deps, await deps.findHead(request.topic), request)
    : undefined;
  return older === undefined ? [unavailable(request)] : encodeHistory(older, request);
}

const unavailable = ({ id }: HistoryRequest): string =>
  JSON.stringify({
    type: 'error',
    code: 'unavailable',
    message: ERROR_CODES.unavailable,
    ...(id === undefined ? {} : { id }),
    action: 'subscribe',
  } satisfies ErrorFrame);
