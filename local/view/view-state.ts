import type { OpenConnection, Gateway } from '../gateway/gateway.ts';
import type { KeptLogs } from '../kept-logs.ts';
import type { LambdaPool } from '../lambda/lambda-pool.ts';
import type { StageInfo } from '../runtime-info.ts';
import type { MappingState } from '../start-pollers.ts';
import { VIEW } from './bounds.ts';
import type { ConnectionItems, FindItems } from './connection-items.ts';
import { maskTokens } from './mask-tokens.ts';
import type { Observations, SeenInvocation, SeenLine, SeenRefusal } from './observations.ts';

/** The parts of a running application that the view shows. */
export interface Viewed {
  readonly observations: Observations;
  readonly logs: Pick<KeptLogs, 'ofInvocation'>;
  /** The gateways that are open. */
  readonly gateways: () => readonly Gateway[];
  readonly mappings: () => readonly MappingState[];
  readonly environments: LambdaPool['environments'];
  readonly itemsOf: FindItems;
  readonly stages: () => readonly Pick<StageInfo, 'url'>[];
  readonly now: () => number;
}

/** A connection with what the application keeps of it. */
type ShownConnection = OpenConnection & { readonly items: readonly ConnectionItems[] };

/** An invocation in the list. */
type ShownInvocation = Pick<SeenInvocation, 'id' | 'functionName' | 'startedAt'> & {
  /** Absent while the invocation runs. */
  readonly kind?: string;
  readonly durationMs?: number;
};

/** All that the view shows at once. Times are in epoch ms. */
export interface ViewState {
  readonly now: number;
  readonly stages: readonly string[];
  readonly connectionCount: number;
  readonly connections: readonly ShownConnection[];
  readonly invocations: readonly ShownInvocation[];
  readonly environments: { readonly busy: number; readonly all: number };
  readonly mappings: readonly MappingState[];
  readonly refusals: readonly SeenRefusal[];
  readonly lines: readonly SeenLine[];
}

/** An invocation with all that is kept of it. */
export interface InvocationDetails extends SeenInvocation {
  readonly log: readonly string[];
}

/** Returns what the view shows. */
export async function viewState(viewed: Viewed): Promise<ViewState> {
  const { observations, gateways, mappings, environments, stages, now } = viewed;
  const running = environments();
  return {
    now: now(),
    stages: stages().map(({ url }) => url),
    connectionCount: gateways().reduce((sum, gateway) => sum + gateway.connectionCount(), 0),
    connections: await shownConnections(viewed),
    invocations: observations.invocations().map(shown),
    environments: { busy: running.filter(({ busy }) => busy).length, all: running.length },
    mappings: mappings(),
    refusals: observations.refusals(),
    lines: observations.lines(),
  };
}

async function shownConnections({ gateways, itemsOf }: Viewed): Promise<readonly ShownConnection[]> {
  const all = gateways().flatMap((gateway) => gateway.connections(VIEW.connections));
  const newest = all.toSorted((a, b) => b.connectedAt - a.connectedAt).slice(0, VIEW.connections);
  return await Promise.all(
    newest.map(async (connection, at) => {
      // The view leaves out what it cannot look up: the engine may have ended.
      const isLookedUp = at < VIEW.connectionsWithItems;
      const items = isLookedUp ? await itemsOf(connection.connectionId).catch(() => []) : [];
      return { ...connection, items };
    }),
  );
}

const shown = ({ id, functionName, startedAt, result }: SeenInvocation): ShownInvocation => ({
  id,
  functionName,
  startedAt,
  ...(result === undefined ? {} : { kind: result.kind, durationMs: result.durationMs }),
});

/** Returns an invocation as it is shown, without tokens. Those are in what is kept, for a replay. */
export function maskedDetails(details: InvocationDetails): InvocationDetails {
  const { event, result } = details;
  const masked = { ...details, event: maskTokens(event) };
  return result === undefined ? masked : { ...masked, result: { ...result, text: maskTokens(result.text) } };
}

/** Returns an invocation with its log; undefined for one that is not kept. */
export function invocationDetails(
  { observations, logs }: Pick<Viewed, 'observations' | 'logs'>,
  wanted: string,
): InvocationDetails | undefined {
  const seen = observations.invocations().find(({ id }) => id === wanted);
  if (seen === undefined) return undefined;
  const log = logs.ofInvocation(seen.functionName, seen.requestId).slice(-VIEW.logLines);
  return { ...seen, log };
}
