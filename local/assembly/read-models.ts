import { type Json, type RouteModel, RuntimeSetupError } from '../model.ts';
import { at, type Fields, findFields, getTextField, refuseOthers } from './fields.ts';
import { findSelection } from './find-selection.ts';
import type { Resource } from './resolve-template.ts';

const MODEL_PROPERTIES = ['ApiId', 'ContentType', 'Description', 'Name', 'Schema'];

/** Returns the models that a route's messages must match, with the expression that selects among them. */
export function readModels(route: Fields, models: readonly Resource[]): Pick<RouteModel, 'requestModels'> {
  const named = findFields(route, 'RequestModels');
  if (named === undefined) return {};
  const schemas = Object.keys(named.values).map((key) => {
    const name = getTextField(named, key);
    const model = models.find(({ properties }) => getTextField(properties, 'Name') === name);
    if (model === undefined) throw new RuntimeSetupError(`${at(named, key)}: ${name} is not a model of this API`);
    return [key, schemaOf(model.properties)] as const;
  });
  const selection = findSelection(route, 'ModelSelectionExpression') ?? String.raw`\$default`;
  return { requestModels: { selection, schemas: Object.fromEntries(schemas) } };
}

function schemaOf(model: Fields): Json {
  refuseOthers(model, MODEL_PROPERTIES);
  const schema = model.values['Schema'] ?? {};
  if (typeof schema !== 'string') return schema;
  try {
    const parsed: Json = JSON.parse(schema);
    return parsed;
  } catch (cause) {
    throw new RuntimeSetupError(`${at(model, 'Schema')} is not JSON`, { cause });
  }
}
