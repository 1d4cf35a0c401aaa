import type { RoleCaller } from '../iam/judge-role.ts';
import type { ProxyEvent } from '../gateway/proxy-event.ts';
import { selectorOf } from '../gateway/route-selection.ts';
import type { IntegrationResponseModel, ServiceTarget, TemplatedIntegration, Templates } from '../integration-model.ts';
import type { IntegrationOutcome } from './outcome.ts';
import { type MappedRequest, renderTemplate } from './mapping-template.ts';

/** The answer of a service: its HTTP status and its body. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: string;
}

/** A call of a service in the name of a role. */
export interface ServiceCall {
  readonly target: Exclude<ServiceTarget, { readonly kind: 'mock' }>;
  readonly roleArn: string | undefined;
  /** The service that takes on the role. */
  readonly caller: RoleCaller;
  readonly body: string;
  /** The connection that causes the call. */
  readonly source: string;
  /** Aborted when the integration no longer waits. An invocation that has not begun by then does not begin. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls a service of the application. May reject. */
export type CallService = (call: ServiceCall) => Promise<ServiceAnswer>;

/** The status of a mock whose template names none. */
const OK = 200;
/** The lowest status of an error. */
const ERROR = 400;
/** The status of a service that is asked for too much. */
const THROTTLED = 429;

/** The means of an integration with mapping templates. */
export interface TemplatedDeps {
  readonly callService: CallService;
  readonly signal: AbortSignal;
}

/**
 * Runs an integration with mapping templates: the request's template makes what the service gets, and the response's
 * what the client gets. Never rejects.
 */
export async function runTemplated(
  integration: TemplatedIntegration,
  event: ProxyEvent,
  deps: TemplatedDeps,
): Promise<IntegrationOutcome> {
  try {
    const request = mappedRequest(event);
    const answer = await call(integration, request, deps);
    return respond(integration.responses, request, answer);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function mappedRequest({ body = '', requestContext, headers = {}, ...event }: ProxyEvent): MappedRequest {
  const { queryStringParameters: query = {}, stageVariables = {} } = event;
  return { body, context: requestContext, headers, query, stageVariables };
}

async function call(
  { target, roleArn, ...integration }: TemplatedIntegration,
  request: MappedRequest,
  { callService, signal }: TemplatedDeps,
): Promise<ServiceAnswer> {
  const body = requestBody(integration, request);
  if (target.kind === 'mock') return { status: mockStatus(body), body: '' };
  const source = String(request.context['connectionId']);
  return callService({ target, roleArn, caller: 'apigateway.amazonaws.com', body, source, signal });
}

function requestBody(
  { requestTemplates, templateSelection, passthrough }: Omit<TemplatedIntegration, 'target' | 'roleArn'>,
  request: MappedRequest,
): string {
  const template = chosen(requestTemplates, templateSelection, request);
  if (template !== undefined) return renderTemplate(template, request);
  const passes = passthrough === 'WHEN_NO_MATCH' || Object.keys(requestTemplates).length === 0;
  if (passes && passthrough !== 'NEVER') return request.body;
  throw new Error('no request template matches, and PassthroughBehavior lets nothing else pass');
}

/** Returns the template of the selected key, or the default one. A client may name the key, so only own ones count. */
function chosen(templates: Templates, selection: string | undefined, { body }: MappedRequest): string | undefined {
  const key = selection === undefined ? 'application/json' : selectorOf(selection)(body);
  const found = [key, '$default', 'application/json'].find((name) => Object.hasOwn(templates, name ?? ''));
  return found === undefined ? undefined : templates[found];
}

function mockStatus(body: string): number {
  const [, status = OK] = /"?statusCode"?\s*:\s*"?(\d{3})/.exec(body) ?? [];
  return Number(status);
}

/**
 * Returns what the client gets, in the form of a function's result. An answer that no response matches is sent as it
 * is; an error that none matches fails the integration.
 */
function respond(
  responses: readonly IntegrationResponseModel[],
  request: MappedRequest,
  { status, body }: ServiceAnswer,
): IntegrationOutcome {
  const response = responses.find(({ key }) => matches(key, status)) ?? responses.find(({ key }) => key === '$default');
  if (response === undefined && status === THROTTLED) return { kind: 'throttled', reason: body };
  if (response === undefined && status >= ERROR) return { kind: 'failed', reason: `${status}: ${body}` };
  const template = response && chosen(response.templates, response.templateSelection, request);
  const text = template === undefined ? body : renderTemplate(template, { ...request, body });
  return { kind: 'success', payload: { statusCode: status, ...(text === '' ? {} : { body: text }) } };
}

/** Returns whether a status matches a key such as `/2\d\d/`. */
function matches(key: string, status: number): boolean {
  const pattern = /^\/(.*)\/$/.exec(key)?.[1];
  return pattern !== undefined && new RegExp(`^(?:${pattern})$`).test(String(status));
}
