import type { Endpoints } from './endpoints.ts';
import { type Gateway, type GatewayDeps, type GatewayOptions, startGateway } from './gateway/gateway.ts';
import { createIssuer, type IssuerOptions } from './issuer/issuer.ts';
import { serveIssuer } from './issuer/serve-issuer.ts';
import type { ApplicationModel } from './model.ts';
import { serveRuntimeInfo } from './runtime-info.ts';

/** The application whose gateway is opened. */
export interface GatewaySetup {
  readonly application: ApplicationModel;
  readonly endpoints: Endpoints;
  readonly options: Pick<GatewayOptions, 'limits' | 'edges' | 'origins'> & IssuerOptions;
}

/** Starts the gateway of an application, which also serves the issuer and the runtime's own information. */
export function openGateway({ application, endpoints, options }: GatewaySetup, deps: GatewayDeps): Promise<Gateway> {
  const { api, region, accountId, outputs } = application;
  const { port, dataDirectory, ...others } = options;
  const issuer = createIssuer({ port, dataDirectory }, deps.now ?? Date.now);
  const callback = `http://127.0.0.1:${port}/${api.stage}`;
  const info = { region, endpoints: { ...endpoints, callback }, outputs, issuer: issuer.facts };
  const page = serveRuntimeInfo(info, deps.page);
  const hasAuthorizer = api.connectAuthorizer !== undefined;
  return startGateway(
    { api, region, accountId, port, ...others },
    { ...deps, page: serveIssuer({ issuer, hasAuthorizer }, page) },
  );
}
