import { randomBytes } from 'node:crypto';
import type { CallService } from '../integrations/run-templated.ts';
import type { Invoke, StageModel, Terminal, WebSocketApiModel } from '../model.ts';
import type { OriginGuard } from '../origin-guard.ts';
import type { Authorize } from './authorize.ts';
import { ABNORMAL, type CloseReason } from './close-reason.ts';
import { GatewayConnection } from './connection.ts';
import { createDeadlineSweep } from './deadline-sweep.ts';
import { createDisconnects, type Disconnects } from './disconnects.ts';
import { createTokenBucket, type GatewayContext } from './gateway-context.ts';
import { createIdSource } from './ids.ts';
import type { GatewayLimits } from './limits.ts';
import type { KeySelector } from './route-selection.ts';
import { createMessageService } from './serve-message.ts';
import { createUpgrades, type Upgrades } from './upgrade.ts';

/** The dependencies of a stage. */
export interface StageDeps {
  readonly invoke: Invoke;
  /** Calls the services of integrations that are no Lambda proxies. Default: there are none. */
  readonly callService?: CallService | undefined;
  readonly terminal: Terminal;
  readonly now?: () => number;
  readonly randomBytes?: (size: number) => Buffer;
}

/** The place of an API: what the ARNs of its stages name, and its port. */
export interface ApiPlace {
  readonly region: string;
  readonly accountId: string;
  readonly port: number;
}

/** The values that all stages of one gateway share. */
export interface StageSetup {
  readonly api: Pick<WebSocketApiModel, 'apiId' | 'host'>;
  readonly place: ApiPlace;
  readonly limits: GatewayLimits;
  readonly deps: StageDeps;
  readonly guard: OriginGuard;
  readonly selectRouteKey: KeySelector;
  /** Invokes the authorizer of `$connect`; undefined without one. */
  readonly authorize: Authorize | undefined;
  /** Returns the number of the established connections of all stages. */
  readonly connectionCount: () => number;
}

/** A running stage: its connections, and what is served for them. */
export interface RunningStage {
  readonly context: GatewayContext;
  readonly upgrades: Upgrades;
  readonly disconnects: Disconnects;
  readonly connections: ReadonlyMap<string, GatewayConnection>;
}

/** Creates a stage. Its connections are its own: another stage of the same API answers 410 for them. */
export function createStage(stage: StageModel, setup: StageSetup): RunningStage {
  const context = contextOf(stage, setup);
  const disconnects = createDisconnects(context);
  const messages = createMessageService(context, setup.selectRouteKey);
  const connections = new Map<string, GatewayConnection>();
  const onEnd = ({ facts }: GatewayConnection, close: CloseReason): void => {
    connections.delete(facts.connectionId);
    disconnects.announce(facts, close);
  };
  const connectionDeps = { context, messages, onEnd };
  const watchDeadlines = createDeadlineSweep(connections, setup.limits);
  const upgrades = createUpgrades({
    context,
    ...(setup.authorize === undefined ? {} : { authorize: setup.authorize }),
    port: setup.place.port,
    connectionCount: setup.connectionCount,
    onAbandoned: (facts) => disconnects.announce(facts, ABNORMAL),
    onEstablished: (facts, transport) => {
      connections.set(facts.connectionId, new GatewayConnection(facts, transport, connectionDeps));
      watchDeadlines();
    },
  });
  return { context, upgrades, disconnects, connections };
}

function contextOf(stage: StageModel, { api, place, limits, deps, guard }: StageSetup): GatewayContext {
  const { region, accountId } = place;
  const { invoke, callService, terminal, now = Date.now } = deps;
  return {
    api: {
      apiId: api.apiId,
      stage: stage.name,
      ...(stage.variables === undefined ? {} : { stageVariables: stage.variables }),
      // Functions build their callback endpoint from it. In their processes it leads here.
      domainName: api.host,
      connectMethodArn: `arn:aws:execute-api:${region}:${accountId}:${api.apiId}/${stage.name}/$connect`,
    },
    routes: stage.routes,
    limits,
    invoke,
    callService,
    terminal,
    now,
    ids: createIdSource(deps.randomBytes ?? randomBytes),
    takeToken: createTokenBucket(stage.throttle, now),
    guard,
  };
}
