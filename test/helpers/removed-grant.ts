import type { ApplicationModel, Json, PolicyModel } from '../../local/model.ts';

type Statement = Readonly<Record<string, Json>>;

const asList = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const isStatement = (value: Json): value is Statement => typeof value === 'object' && value !== null;

/** Returns a policy without an action on resources whose ARN contains a text. */
function without({ name, document }: PolicyModel, action: string, on: string): PolicyModel {
  const statements = asList(document['Statement']).filter(isStatement);
  const Statement = statements.flatMap((statement) => {
    const resources = asList(statement['Resource']);
    if (!asList(statement['Action']).includes(action)) return [statement];
    const others = asList(statement['Action']).filter((one) => one !== action);
    const kept = resources.filter((resource) => !JSON.stringify(resource).includes(on));
    return [
      { ...statement, Action: others },
      { ...statement, Action: [action], Resource: kept },
    ].filter((one: Statement) => asList(one['Action']).length > 0 && asList(one['Resource']).length > 0);
  });
  return { name, document: { ...document, Statement } };
}

/**
 * Returns an application as its template would be without one grant of one function: an action on the resources whose
 * ARN contains a text.
 */
export function withoutGrant(
  application: ApplicationModel,
  logicalId: string,
  [action, on]: readonly [string, string],
) {
  const { roleArn } = functionOf(application, logicalId);
  const roles = application.roles.map((role) =>
    role.arn === roleArn ? { ...role, policies: role.policies.map((policy) => without(policy, action, on)) } : role,
  );
  return { ...application, roles };
}

/** Returns the function whose logical id begins like this. */
export function functionOf({ functions }: ApplicationModel, logicalId: string) {
  const found = functions.find((model) => model.logicalId.startsWith(logicalId));
  if (found === undefined) throw new Error(`no function ${logicalId}`);
  return found;
}
