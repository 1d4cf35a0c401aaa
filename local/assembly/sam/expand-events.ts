import { RuntimeSetupError } from '../../model.ts';
import { asFields, at, type Fields, findFields, getTextField, type JsonObject } from '../fields.ts';
import { attempt } from '../pass-over.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** The event types that become event source mappings: the property that names the source, and the policy to read it. */
const SOURCES: Readonly<Record<string, { readonly property: string; readonly policy: string }>> = {
  DynamoDB: { property: 'Stream', policy: 'AWSLambdaDynamoDBExecutionRole' },
  SQS: { property: 'Queue', policy: 'AWSLambdaSQSQueueExecutionRole' },
};

/** Returns the event source mappings of a function. Throws RuntimeSetupError for any other event. */
export function expandEvents(resource: ServerlessResource): Record<string, JsonObject> {
  const { logicalId, properties, shared, without, passOver } = resource;
  const wanted = listEvents(properties).filter(({ name }) => !without.includes(`${logicalId}${name}`));
  const entries = wanted.flatMap(({ name, event }) => {
    const mapping = attempt(() => mappingOf(event, `${logicalId}${name}`, logicalId), passOver);
    return mapping === undefined ? [] : [[`${logicalId}${name}`, { ...shared, ...mapping }] as const];
  });
  return Object.fromEntries(entries);
}

/** Returns the names of the managed policies that SAM adds to a function's role for its events. */
export function eventPolicies(properties: Fields): readonly string[] {
  const policies = listEvents(properties).flatMap(({ event }) => SOURCES[getTextField(event, 'Type')]?.policy ?? []);
  return [...new Set(policies)];
}

function listEvents(properties: Fields): readonly { readonly name: string; readonly event: Fields }[] {
  const events = findFields(properties, 'Events');
  if (events === undefined) return [];
  return Object.keys(events.values).map((name) => ({ name, event: asFields(events.values[name], at(events, name)) }));
}

function mappingOf(event: Fields, id: string, functionId: string): JsonObject {
  const type = getTextField(event, 'Type');
  const source = SOURCES[type];
  if (source === undefined)
    throw new RuntimeSetupError(
      `${event.path}: the event type ${type} is not supported by the local runtime: --without ${id} leaves the ` +
        'event out; invoke the function by the SDK',
    );
  const { [source.property]: EventSourceArn = null, ...settings } = findFields(event, 'Properties')?.values ?? {};
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { ...settings, EventSourceArn, FunctionName: { Ref: functionId } },
  };
}
