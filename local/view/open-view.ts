import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Gateway } from '../gateway/gateway.ts';
import type { KeptLogs } from '../kept-logs.ts';
import type { LambdaPool } from '../lambda/lambda-pool.ts';
import type { ApplicationModel, Terminal } from '../model.ts';
import type { Page } from '../page.ts';
import type { Pollers } from '../start-pollers.ts';
import { connectionItems } from './connection-items.ts';
import type { Observations } from './observations.ts';
import { serveView } from './serve-view.ts';

/** The parts of a running application that the view shows. */
export interface ViewSetup {
  readonly application: ApplicationModel;
  readonly dynamodb: DynamoDBClient;
  readonly pool: LambdaPool;
  readonly pollers: Pick<Pollers, 'states'>;
}

interface OpenDeps {
  readonly observations: Observations;
  readonly logs: KeptLogs;
  readonly terminal: Pick<Terminal, 'warn'>;
  readonly page: Page;
}

/** Returns the page with the view, which shows each gateway that `onGateway` receives. */
export function openView({ application, dynamodb, pool, pollers }: ViewSetup, deps: OpenDeps) {
  // One for each API of the template.
  const gateways: Gateway[] = [];
  const stages = application.webSocketApis.flatMap(({ port, stages: all }) =>
    all.map(({ name }) => ({ url: `ws://127.0.0.1:${port}/${name}` })),
  );
  const page = serveView(
    {
      ...deps,
      warn: deps.terminal.warn,
      gateways: () => gateways,
      mappings: pollers.states,
      environments: pool.environments,
      invokeJson: pool.invokeJson,
      itemsOf: connectionItems(application.tables, dynamodb),
      stages: () => stages,
      now: Date.now,
    },
    deps.page,
  );
  return { page, onGateway: (gateway: Gateway) => void gateways.push(gateway) };
}
