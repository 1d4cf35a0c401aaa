import type { Endpoints } from './endpoints.ts';
import { type FunctionUrlDeps, serveFunctionUrl } from './function-url/serve-function-url.ts';
import { type Gateway, type GatewayDeps, type GatewayOptions, startGateway } from './gateway/gateway.ts';
import { createIssuer, type IssuerOptions } from './issuer/issuer.ts';
import { serveIssuer } from './issuer/serve-issuer.ts';
import type { ApplicationModel } from './model.ts';
import type { Page } from './page.ts';
import { serveRuntimeInfo } from './runtime-info.ts';

/** The application whose gateway is opened. */
export interface GatewaySetup {
  readonly application: ApplicationModel;
  readonly endpoints: Endpoints;
  readonly options: Pick<GatewayOptions, 'limits' | 'edges' | 'origins'> & IssuerOptions;
}

/** The dependencies of the gateway, and of the function URL that shares its port. */
export interface OpenGatewayDeps extends Omit<GatewayDeps, 'page'>, Pick<FunctionUrlDeps, 'invokeJson'> {
  readonly page?: Page;
}

/** Starts the gateway of an application, which also serves the issuer and the runtime's own information. */
export function openGateway(
  { application, endpoints, options }: GatewaySetup,
  deps: OpenGatewayDeps,
): Promise<Gateway> {
  const { api, region, accountId, outputs } = application;
  const { port, dataDirectory, ...others } = options;
  const issuer = createIssuer({ port, dataDirectory }, deps.now ?? Date.now);
  const callback = `http://127.0.0.1:${port}/${api.stage}`;
  const info = { region, endpoints: { ...endpoints, callback }, outputs, issuer: issuer.facts };
  const page = serveRuntimeInfo(info, withFunctionUrl(application, deps));
  const hasAuthorizer = api.connectAuthorizer !== undefined;
  return startGateway(
    { api, region, accountId, port, ...others },
    { ...deps, page: serveIssuer({ issuer, hasAuthorizer }, page) },
  );
}

/**
 * Returns the page, with the application's function URL for everything that the page does not have. On AWS the URL has
 * a host of its own.
 */
function withFunctionUrl({ functionUrl }: ApplicationModel, deps: OpenGatewayDeps): Page | undefined {
  const { page, invokeJson, now = Date.now } = deps;
  if (functionUrl === undefined) return page;
  const serve = serveFunctionUrl(functionUrl, { invokeJson, now });
  return (request, response) =>
    page === undefined ? serve(request, response) : page(request, response, () => serve(request, response));
}
