import { createBoundedRunner } from './bounded-runner.ts';
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

/** Prepares `$disconnect`. Without such a route, nothing is invoked. */
export function createDisconnects(context: GatewayContext): Disconnects {
  const { limits, terminal } = context;
  const route = context.routes.find(({ routeKey }) => routeKey === '$disconnect');
  const runner = createBoundedRunner({ parallel: limits.parallelDisconnects, queue: limits.connections });
  return {
    announce: (facts, close) => {
      if (route === undefined) return;
      const event = disconnectEvent(newEventSource(context, facts), close);
      const call = {
        functionArn: route.functionArn,
        permitted: route.permitted,
        timeoutMs: route.integrationTimeoutMs,
        event,
      };
      const isTaken = runner.run(async () => {
        const outcome = await callIntegration(context.invoke, call);
        if (outcome.kind === 'failed') terminal.warn(`$disconnect failed: ${outcome.reason}`);
      });
      if (!isTaken) terminal.warn(`$disconnect of ${facts.connectionId} dropped: too many wait`);
    },
    idle: runner.idle,
  };
}
