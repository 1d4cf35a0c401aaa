import PQueue from 'p-queue';
import type { CloseReason } from './close-reason.ts';
import { newEventSource, type GatewayContext } from './gateway-context.ts';
import { callIntegration } from './integration.ts';
import { disconnectEvent, type ConnectionFacts } from './proxy-event.ts';

/** The invocations of `$disconnect`. */
export interface Disconnects {
  /** Invokes `$disconnect` for an ended connection. Best effort: its result has no effect. */
  readonly announce: (facts: ConnectionFacts, close: CloseReason) => void;
  /** Resolves when every announced invocation has ended. */
  readonly idle: () => Promise<void>;
}

/**
 * Prepares `$disconnect`. Up to `parallelDisconnects` invocations run at once and up to `connections` more wait. Each
 * one past that is dropped with a warning. Without such a route, nothing is invoked.
 */
export function createDisconnects(context: GatewayContext): Disconnects {
  const { limits, terminal } = context;
  const route = context.routes.find(({ routeKey }) => routeKey === '$disconnect');
  const queue = new PQueue({ concurrency: limits.parallelDisconnects });
  return {
    announce: (facts, close) => {
      if (route === undefined) return;
      if (queue.size >= limits.connections) {
        terminal.warn(`$disconnect of ${facts.connectionId} dropped: too many are waiting`);
        return;
      }
      const call = {
        route,
        event: disconnectEvent(newEventSource(context, facts), close),
        connectionId: facts.connectionId,
      };
      void queue.add(async () => {
        const outcome = await callIntegration(context, call);
        if (outcome.kind === 'failed' || outcome.kind === 'throttled')
          terminal.warn(`$disconnect failed: ${outcome.reason}`);
      });
    },
    idle: () => queue.onIdle(),
  };
}
