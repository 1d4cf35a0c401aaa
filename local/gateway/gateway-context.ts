import type { CallService } from '../integrations/run-templated.ts';
import type { Invoke, RouteModel, Terminal } from '../model.ts';
import type { OriginGuard } from '../origin-guard.ts';
import type { IdSource } from './ids.ts';
import type { GatewayLimits } from './limits.ts';
import type { ApiFacts, ConnectionFacts, EventSource } from './proxy-event.ts';

/** The values that all parts of a running gateway share. */
export interface GatewayContext {
  readonly api: ApiFacts;
  readonly routes: readonly RouteModel[];
  readonly limits: GatewayLimits;
  readonly invoke: Invoke;
  readonly callService?: CallService | undefined;
  readonly terminal: Terminal;
  readonly now: () => number;
  readonly ids: IdSource;
  /** The stage's throttle, shared by upgrades and messages. */
  readonly takeToken: TokenBucket;
  /** Refuses requests of foreign web pages, upgrades included. */
  readonly guard: OriginGuard;
}

/** Returns the source of a new event of a connection, with its own request id and time. */
export function newEventSource(context: GatewayContext, connection: ConnectionFacts): EventSource {
  const occasion = { requestId: context.ids.requestId(), epochMs: context.now() };
  return { api: context.api, connection, occasion };
}

/** Takes one token. Returns false if none is left. */
export type TokenBucket = () => boolean;

/**
 * Creates the stage's throttle: at most `burst` tokens, refilled at `ratePerSecond`. Without a throttle it never
 * refuses.
 */
export function createTokenBucket(
  throttle: { readonly ratePerSecond: number; readonly burst: number } | undefined,
  now: () => number,
): TokenBucket {
  if (throttle === undefined) return () => true;
  let tokens = throttle.burst;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(throttle.burst, tokens + (Math.max(0, at - filledAt) / 1000) * throttle.ratePerSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
