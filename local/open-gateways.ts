import type { Certificate } from './certificate.ts';
import type { Endpoints } from './endpoints.ts';
import { type FunctionUrlDeps, serveFunctionUrl } from './function-url/serve-function-url.ts';
import { startUrlServer } from './function-url/url-server.ts';
import { type Gateway, type GatewayDeps, type GatewayOptions, startGateway } from './gateway/gateway.ts';
import { createIssuer, type IssuerOptions } from './issuer/issuer.ts';
import { serveIssuer } from './issuer/serve-issuer.ts';
import type { ApplicationModel, WebSocketApiModel } from './model.ts';
import type { Page } from './page.ts';
import { serveRuntimeInfo, type StageInfo } from './runtime-info.ts';
import type { Shutdown } from './shutdown.ts';

/** The application whose gateways are opened. */
export interface GatewaySetup {
  readonly application: ApplicationModel;
  readonly endpoints: Endpoints;
  /** The certificate for the public hosts of the APIs. */
  readonly certificate: Certificate;
  readonly options: Pick<GatewayOptions, 'limits' | 'edges' | 'origins'> & IssuerOptions;
}

/** The dependencies of the gateways, and of the function URL that shares their ports. */
export interface GatewaysDeps extends Omit<GatewayDeps, 'page'>, Pick<FunctionUrlDeps, 'invokeJson' | 'authorizeUrl'> {
  readonly page?: Page;
  /** Receives each gateway as soon as it is open. */
  readonly onGateway: (gateway: Gateway) => void;
  /** Receives the end of all gateways. They end together, because each waits for its `$disconnect` functions. */
  readonly shutdown: Shutdown;
}

/** The addresses of the running gateways. */
export interface OpenGateways {
  readonly stages: readonly StageInfo[];
  /** The URLs of the first stage of each API at its edges. */
  readonly edgeUrls: readonly string[];
}

/**
 * Starts a gateway for each WebSocket API, on its own port, as each has a host of its own on AWS. Each also serves the
 * page, the issuer and the runtime's own information. Without an API, one gateway serves these.
 */
export async function openGateways(setup: GatewaySetup, deps: GatewaysDeps): Promise<OpenGateways> {
  const { application, endpoints, certificate, options } = setup;
  const { region, accountId, webSocketApis } = application;
  const { port, dataDirectory, ...others } = options;
  const issuer = createIssuer({ port, dataDirectory }, deps.now ?? Date.now);
  const stages = webSocketApis.flatMap(stagesOf);
  const common = { region, accountId, certificate, pagePorts: new Set<number>(), ...others };
  const ownPage = withFunctionUrl(application, deps);
  const edgeUrls: string[] = [];
  const gateways: Gateway[] = [];
  await deps.shutdown.add(() => Promise.all(gateways.map((gateway) => gateway.close())));
  for (const api of webSocketApis.length > 0 ? webSocketApis : [undefined]) {
    const [callback = ''] = stages.filter(({ apiId }) => apiId === api?.apiId).map((stage) => stage.callback);
    const info = { region, endpoints: { ...endpoints, callback }, stages, outputs: application.outputs };
    const page = serveRuntimeInfo({ ...info, issuer: issuer.facts }, ownPage);
    const served = { ...deps, page: serveIssuer({ issuer, hasAuthorizer: hasAuthorizer(application) }, page) };
    const gateway = await startGateway({ ...common, api, port: api?.port ?? port }, served);
    gateways.push(gateway);
    deps.onGateway(gateway);
    if (deps.shutdown.hasRun()) await gateway.close();
    edgeUrls.push(...edgeUrlsOf(api, gateway));
  }
  await openOtherUrls(application, deps);
  return { stages, edgeUrls };
}

/**
 * Returns the page, with the application's function URL for everything that the page does not have. On AWS the URL has
 * a host of its own.
 */
function withFunctionUrl({ functionUrls }: ApplicationModel, deps: GatewaysDeps): Page | undefined {
  const { page } = deps;
  const [open] = functionUrls;
  if (open === undefined || open.isSigned) return page;
  const serve = serveFunctionUrl(open, urlDepsOf(deps));
  return (request, response) =>
    page === undefined ? serve(request, response) : page(request, response, () => serve(request, response));
}

const urlDepsOf = ({ invokeJson, authorizeUrl, now = Date.now }: GatewaysDeps): FunctionUrlDeps => ({
  invokeJson,
  authorizeUrl,
  now,
});

/** Serves the function URLs that do not share the port of the page, each on its own port. */
async function openOtherUrls({ functionUrls: [open, ...others] }: ApplicationModel, deps: GatewaysDeps): Promise<void> {
  for (const url of open?.isSigned === true ? [open, ...others] : others) {
    const server = await startUrlServer(url, urlDepsOf(deps));
    await deps.shutdown.add(() => server.close());
  }
}

/** Returns whether an API of the application has an authorizer on `$connect`. */
export const hasAuthorizer = ({ webSocketApis }: ApplicationModel): boolean =>
  webSocketApis.some(({ connectAuthorizer }) => connectAuthorizer !== undefined);

function stagesOf({ logicalId, apiId, port, stages }: WebSocketApiModel): readonly StageInfo[] {
  return stages.map(({ name }) => ({
    api: logicalId,
    apiId,
    stage: name,
    url: stageUrl(port, name),
    callback: `http://127.0.0.1:${port}/${name}`,
  }));
}

function edgeUrlsOf(api: WebSocketApiModel | undefined, { edgePorts }: Gateway): readonly string[] {
  const [stage] = api?.stages ?? [];
  return stage === undefined ? [] : edgePorts.map((port) => stageUrl(port, stage.name));
}

const stageUrl = (port: number, stage: string): string => `ws://127.0.0.1:${port}/${stage}`;
