import { RuntimeSetupError } from '../../model.ts';
import { asFields, at, type Fields, findFields, getTextField, type JsonObject } from '../fields.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** The types of events that become event source mappings, with the property that names the source. */
const SOURCES: Readonly<Record<string, string>> = { DynamoDB: 'Stream', SQS: 'Queue' };

/** Returns the event source mappings of a function. Throws RuntimeSetupError for any other event. */
export function expandEvents({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  const events = findFields(properties, 'Events');
  if (events === undefined) return {};
  const entries = Object.keys(events.values).map((name) => {
    const event = asFields(events.values[name], at(events, name));
    return [`${logicalId}${name}`, { ...shared, ...mappingOf(event, logicalId) }] as const;
  });
  return Object.fromEntries(entries);
}

function mappingOf(event: Fields, functionId: string): JsonObject {
  const type = getTextField(event, 'Type');
  const source = SOURCES[type];
  if (source === undefined)
    throw new RuntimeSetupError(
      `${event.path}: the event type ${type} is not supported by the local runtime: leave the event out for a local ` +
        'run, and invoke the function by the SDK',
    );
  const { [source]: EventSourceArn = null, ...settings } = findFields(event, 'Properties')?.values ?? {};
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { ...settings, EventSourceArn, FunctionName: { Ref: functionId } },
  };
}
