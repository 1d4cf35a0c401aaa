import { logGroupsOf } from '../../../cli/logs/log-groups.ts';
import type { Role } from '../../../cli/logs/log-source.ts';
import { synthesizeStack } from '../../infra/synthesized-stack.ts';

/** The settings of a stack with an authorizer, which has a log group too. */
const AUTH = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };

const GROUPS: Readonly<Record<Exclude<Role, 'from-table'>, string>> = {
  authorize: 'Authorize',
  broadcast: 'Broadcast',
  'catch-up': 'CatchUp',
  connect: 'Connect',
  default: 'Default',
  disconnect: 'Disconnect',
  presence: 'Presence',
  'shard-worker': 'ShardWorker',
  minus: 'Minus',
  'on-message': 'OnMessage',
  ping: 'Ping',
  plus: 'Plus',
  publish: 'Publish',
  'set-presence': 'SetPresence',
  subscribe: 'Subscribe',
  unsubscribe: 'Unsubscribe',
};

const ROLES = Object.keys(GROUPS).filter((role): role is keyof typeof GROUPS => role in GROUPS);

describe('the log group of a function', () => {
  const resources = [...synthesizeStack({ auth: AUTH }).ofType('AWS::Logs::LogGroup').values()].map(
    ({ Type, logicalId, name }) => ({
      type: Type,
      logicalId,
      physicalId: name,
    }),
  );

  it.each(Object.entries(GROUPS))(
    'of %s is found among the resources of the stack as it is deployed',
    (role, construct) => {
      const roles = ROLES.filter((each) => each === role);

      const found = logGroupsOf(resources, roles, '');

      expect(found).toEqual([`Functions/${construct}/Logs`]);
    },
  );
});
