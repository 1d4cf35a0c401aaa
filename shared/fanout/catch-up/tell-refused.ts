import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { HANDSHAKE_PAUSE_MS, type HandshakeWaits } from './handshake-waits.ts';
import { sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

type Refused = Extract<CatchUpRequest, { kind: 'refused' }>;

/** The dependencies of telling a connection what was refused. */
export interface TellRefusedDeps extends SendRecoveryDeps {
  readonly handshakes: HandshakeWaits;
}

/**
 * Sends a connection one error that names the topics of its URL that its token does not permit. Waits for its handshake
 * as a catch-up does. A connection that does not take the frame learns of the refusal by its next subscribe.
 */
export async function tellRefused(
  deps: TellRefusedDeps,
  request: Refused,
): Promise<DeliveryResult['outcome'] | 'dropped'> {
  for (;;) {
    const { outcome } = await sendFrames(deps, request, [refusalOf(request.topics)]);
    if (outcome === 'throttled' || outcome === 'unanswered') return 'dropped';
    const isYoung = outcome === 'gone' && !isPastGrace(request.connectedAt, deps.now());
    if (!isYoung || !deps.handshakes.take(request.connectionId)) return outcome;
    await deps.waiting.sleep(HANDSHAKE_PAUSE_MS);
  }
}

const refusalOf = (topics: readonly string[]): string =>
  JSON.stringify({
    type: 'error',
    code: 'forbidden',
    message: 'The token does not permit subscribe on these topics of the URL.',
    topics: [...topics],
  } satisfies ErrorFrame);
