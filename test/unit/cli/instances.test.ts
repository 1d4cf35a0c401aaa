import { functionsOf } from '../../../cli/doctor/check-environments.ts';
import { sourceMappingsOf } from '../../../cli/doctor/check-mappings.ts';
import { readInstance } from '../../../cli/instances.ts';
import { logGroupsOf } from '../../../cli/logs/log-groups.ts';
import { OperatorError } from '../../../cli/operator-error.ts';
import { printConstructs } from '../../infra/synthesized-construct.ts';

/** Returns the outputs of a stack of an engineer's app, each with its name as the value. */
const outputsOf = (stack: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(printConstructs()[stack]?.template.Outputs ?? {}).map((name) => [name, name]));

/** Returns the resources of a stack as CloudFormation lists them, each with its logical id as the physical one. */
const resourcesOf = (stack: string) =>
  Object.entries(printConstructs()[stack]?.template.Resources ?? {}).map(([logicalId, { Type }]) => ({
    type: Type,
    logicalId,
    physicalId: logicalId,
  }));

const read = (stack: string, instance?: string) => readInstance(outputsOf(stack), { title: stack, instance });

describe('the search for a Distributary in a stack', () => {
  it('finds the only one by itself, whatever its id', () => {
    expect(read('Shop')).toMatchObject({
      name: 'Live in Shop',
      instance: 'Live',
      resources: { topicsTable: 'LiveTopicsTable', webSocketUrl: 'LiveWebSocketUrl' },
      monitoring: { dashboardName: 'LiveDashboardName', alarmTopicArn: undefined },
    });
  });

  it('finds each of several by its name', () => {
    expect(read('Two', 'Live').resources.topicsTable).toBe('LiveTopicsTable');
    expect(read('Two', 'Chat').resources.topicsTable).toBe('ChatTopicsTable');
    expect(read('Secured', 'UsersLive').resources.topicsTable).toBe('UsersLiveTopicsTable');
  });

  it('calls the one without a name Default, alone or beside others', () => {
    const outputs = Object.fromEntries(
      Object.entries(outputsOf('Two')).map(([name, value]) => [name.replace(/^Chat/, ''), value]),
    );

    const found = readInstance(outputs, { title: 'Two', instance: 'Default' });

    expect(found).toMatchObject({ name: 'Two', instance: '', resources: { topicsTable: 'ChatTopicsTable' } });
    expect(() => readInstance(outputs, { title: 'Two', instance: undefined })).toThrow(/: Live, Default\./);
  });

  it('asks for the name where there are several, and says which', () => {
    expect(() => read('Two')).toThrow(OperatorError);
    expect(() => read('Two')).toThrow('There are several instances in Two: Live, Chat. Name one by --instance Live.');
  });

  it('refuses a name that no instance has', () => {
    expect(() => read('Two', 'Shop')).toThrow('There is no instance Shop in Two. It has Live, Chat.');
    expect(() => readInstance({}, { title: 'Empty', instance: 'Live' })).toThrow('It has none.');
  });
});

describe('the resources of an instance', () => {
  it('are its own log groups, not those of another', () => {
    const resources = resourcesOf('Two');
    const groups = (instance: string) => logGroupsOf(resources, ['broadcast', 'default', 'catch-up'], instance);

    expect(groups('Live').map((name) => name.slice(0, -8))).toEqual([
      'LiveFunctionsBroadcastLogs',
      'LiveFunctionsLogs',
      'LiveFunctionsCatchUpLogs',
    ]);
    expect(groups('Chat').every((name) => name.startsWith('Chat'))).toBe(true);
    expect(groups('')).toEqual([]);
  });

  it('are the log groups and mappings of its sources of topics', () => {
    const resources = resourcesOf('Shop');

    expect(logGroupsOf(resources, ['from-table'], 'Live')).toHaveLength(3);
    expect(sourceMappingsOf(resources, 'Live').map(({ source }) => source)).toEqual([
      'TopicsFromOrders',
      'TopicsFromSessions',
      'TopicsFromNews',
    ]);
    expect(sourceMappingsOf(resources, 'Chat')).toEqual([]);
  });

  it('are its own functions, neither those of another nor the application’s', () => {
    const functions = functionsOf(resourcesOf('Two'), 'Live').map(({ logicalId }) => logicalId);

    expect(functions.length).toBeGreaterThan(10);
    expect(functions.filter((name) => !name.startsWith('LiveFunctions'))).toEqual([]);
    expect(
      functionsOf(resourcesOf('Shop'), 'Live').filter(({ logicalId }) => /TopicsFrom/.test(logicalId)),
    ).toHaveLength(3);
  });
});
