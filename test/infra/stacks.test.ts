import { synthesizeStack, synthesizeStacks } from './synthesized-stack.ts';

const [blue, green] = synthesizeStacks([
  { stackName: 'Blue', alarmEmail: 'ops@example.com' },
  { stackName: 'Green', alarmEmail: 'ops@example.com' },
]);
if (blue === undefined || green === undefined) throw new Error('two stacks');

/** The properties that give a resource a name that nothing else in its account and region may have. */
const NAME = /^(TableName|FunctionName|RoleName|BucketName|TopicName|AlarmName|DashboardName|LogGroupName)$/;

/** The properties that name another resource by the same words. */
const REFERRING = new Set(['AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping']);

describe('two stacks in one account and region', () => {
  it('have no name in common, since no resource has a fixed name', () => {
    const named = Object.entries(blue.template.Resources).flatMap(([id, { Type, Properties }]) =>
      REFERRING.has(Type)
        ? []
        : Object.keys({ ...Properties }).flatMap((key) => (NAME.test(key) ? [`${id}.${key}`] : [])),
    );

    expect(named).toEqual([]);
  });

  it('differ by their names alone', () => {
    const renamed = JSON.stringify(blue.template).replaceAll('Blue', 'Green');

    expect(JSON.parse(renamed)).toEqual(green.template);
  });

  it.each([
    ['Blue', blue, green],
    ['Green', green, blue],
  ])('%s watches and shows its own metrics, and none of the other', (name, own, other) => {
    const text = JSON.stringify(own.template);

    expect(text.split(`"${name}"`).length + text.split(`\\"${name}\\"`).length).toBeGreaterThan(50);
    expect(text).not.toContain(other.stackName);
  });

  it('have no longer names than the alarm topic’s sender may have', () => {
    const long = synthesizeStack({ stackName: 'x'.repeat(128), alarmEmail: 'ops@example.com' });

    const [topic] = [...long.ofType('AWS::SNS::Topic').values()];
    expect(String(topic?.Properties['DisplayName'])).toHaveLength(100);
  });
});
