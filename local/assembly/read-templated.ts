import type { IntegrationResponseModel, ServiceTarget, TemplatedIntegration, Templates } from '../integration-model.ts';
import { type FunctionModel, RuntimeSetupError } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findTextField,
  getTextField,
  oneOf,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { functionOfUri } from './function-of-uri.ts';
import { findSelection } from './find-selection.ts';
import type { Resource } from './resolve-template.ts';

const RESPONSE_PROPERTIES = [
  'ApiId',
  'ContentHandlingStrategy',
  'IntegrationId',
  'IntegrationResponseKey',
  'ResponseParameters',
  'ResponseTemplates',
  'TemplateSelectionExpression',
];

const PASSTHROUGH = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] as const;

interface Surroundings {
  readonly functions: readonly FunctionModel[];
  readonly responses: readonly Resource[];
  readonly isMock: boolean;
}

/** Returns an integration with mapping templates. Throws RuntimeSetupError for a service that is not here. */
export function readTemplated(
  integration: Fields,
  { functions, responses, isMock }: Surroundings,
): TemplatedIntegration {
  const hasPassthrough = integration.values['PassthroughBehavior'] !== undefined;
  return {
    target: isMock ? { kind: 'mock' } : readTarget(integration, functions),
    roleArn: findTextField(integration, 'CredentialsArn'),
    requestTemplates: readTemplates(integration, 'RequestTemplates'),
    templateSelection: findSelection(integration, 'TemplateSelectionExpression'),
    passthrough: hasPassthrough ? oneOf(integration, 'PassthroughBehavior', PASSTHROUGH) : 'WHEN_NO_MATCH',
    responses: responses.map(readResponse),
  };
}

function readResponse({ properties }: Resource): IntegrationResponseModel {
  refuseOthers(properties, RESPONSE_PROPERTIES);
  return {
    key: readKey(properties),
    templates: readTemplates(properties, 'ResponseTemplates'),
    templateSelection: findSelection(properties, 'TemplateSelectionExpression'),
  };
}

function readKey(response: Fields): string {
  const key = getTextField(response, 'IntegrationResponseKey');
  if (key === '$default' || isPattern(key)) return key;
  const path = at(response, 'IntegrationResponseKey');
  throw new RuntimeSetupError(`${path}: ${key} is neither $default nor a regular expression between slashes`);
}

function isPattern(key: string): boolean {
  if (!/^\/.*\/$/.test(key)) return false;
  try {
    return new RegExp(key.slice(1, -1)) instanceof RegExp;
  } catch {
    return false;
  }
}

function readTemplates(owner: Fields, name: string): Templates {
  const templates = findFields(owner, name);
  if (templates === undefined) return {};
  return Object.fromEntries(Object.keys(templates.values).map((key) => [key, getTextField(templates, key)]));
}

/** Returns the service of a URI such as `arn:aws:apigateway:us-east-1:dynamodb:action/PutItem`. */
function readTarget(integration: Fields, functions: readonly FunctionModel[]): ServiceTarget {
  const uri = getTextField(integration, 'IntegrationUri');
  const [, service, kind, rest = ''] = /^arn:[^:]+:apigateway:[^:]*:([^:]+):(action|path)\/(.+)$/.exec(uri) ?? [];
  if (service === 'lambda') {
    return { kind: 'lambda', functionArn: functionOfUri(integration, 'IntegrationUri', functions) };
  }
  if (service === 'dynamodb' && kind === 'action') return { kind: 'dynamodb', operation: rest };
  if (service === 'sqs' && kind === 'path') return { kind: 'sqs', queueName: rest.slice(rest.lastIndexOf('/') + 1) };
  if (service === 'sns' && (rest === 'Publish' || kind === 'path')) return { kind: 'sns' };
  throw unsupported(at(integration, 'IntegrationUri'), `an integration with ${uri} is not supported`);
}
