import { type EventInvokeSettings, type FunctionModel } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findTextField,
  getTextField,
  numberIn,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { isQueue } from './queue-references.ts';
import { findFunctionByName } from './function-references.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** Lambda's range and default of MaximumRetryAttempts for asynchronous events. */
const RETRIES = { default: 2, minimum: 0, maximum: 2 };
/** Lambda's range and default of MaximumEventAgeInSeconds. */
const AGE_SECONDS = { default: 21_600, minimum: 60, maximum: 21_600 };

const PROPERTIES = [
  'DestinationConfig',
  'FunctionName',
  'MaximumEventAgeInSeconds',
  'MaximumRetryAttempts',
  'Qualifier',
];

/** Returns the functions with their versions and aliases, and with the settings of their asynchronous events. */
export function withReferences(
  functions: readonly FunctionModel[],
  template: ResolvedTemplate,
): readonly FunctionModel[] {
  const versions = template.ofType('AWS::Lambda::Version', 'AWS::Lambda::Alias').map(({ identity }) => identity.ref);
  const qualified = functions.map((model): FunctionModel => {
    const own = versions.filter((arn) => arn.startsWith(`${model.arn}:`)).map((arn) => arn.slice(model.arn.length + 1));
    return own.length === 0 ? model : { ...model, qualifiers: own };
  });
  const configs = template.ofType('AWS::Lambda::EventInvokeConfig');
  return qualified.map((model) => {
    const config = configs.find(({ properties }) => functionOf(properties, qualified)?.arn === model.arn);
    return config === undefined ? model : { ...model, eventSettings: readSettings(config, qualified) };
  });
}

const functionOf = (properties: Fields, functions: readonly FunctionModel[]): FunctionModel | undefined =>
  findFunctionByName(functions, getTextField(properties, 'FunctionName'));

function readSettings({ properties }: Resource, functions: readonly FunctionModel[]): EventInvokeSettings {
  refuseOthers(properties, PROPERTIES);
  const [onSuccess, onFailure] = [
    readDestination(properties, 'OnSuccess', functions),
    readDestination(properties, 'OnFailure', functions),
  ];
  return {
    maximumRetryAttempts: numberIn(properties, 'MaximumRetryAttempts', RETRIES),
    maximumEventAgeSeconds: numberIn(properties, 'MaximumEventAgeInSeconds', AGE_SECONDS),
    ...(onSuccess === undefined ? {} : { onSuccess }),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

function readDestination(properties: Fields, name: string, functions: readonly FunctionModel[]): string | undefined {
  const config = findFields(properties, 'DestinationConfig');
  const side = config && findFields(config, name);
  const destination = side && findTextField(side, 'Destination');
  if (destination === undefined) return undefined;
  const target = findFunctionByName(functions, destination);
  if (target !== undefined) return target.arn;
  if (isQueue(destination)) return destination;
  throw unsupported(
    at(properties, `DestinationConfig.${name}`),
    `a destination other than a function or a queue (${destination}) is not supported`,
  );
}
