import { readDocument, sectionsUnder } from '../docs/markdown.ts';
import { constructStack } from './synthesized-construct.ts';
import { synthesizeStack } from './synthesized-stack.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
/** The settings of a stack with all alarms: without these it has none of the authorizer and of the HTTP door. */
const SETTINGS = {
  auth: { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' },
  http: 'on',
};
const stack = synthesizeStack(SETTINGS);
const alarms = [...stack.ofType(ALARM).values()];
/** The alarms of a stack with topics from tables. */
const sourceAlarms = [...constructStack('Shop').ofType(ALARM).values()];

describe('the runbooks', () => {
  const named = [...alarms, ...sourceAlarms].map(
    ({ Properties }) => /Runbook: docs\/operations\.md, «(.+)»$/.exec(String(Properties['AlarmDescription']))?.[1],
  );
  const [, ...runbooks] = sectionsUnder(readDocument('docs/operations.md'), /^Alarms$/);

  it('exist for every alarm, and each belongs to one', () => {
    const written = runbooks.filter(({ level }) => level === 3).map(({ heading }) => heading);

    expect(named.filter((heading) => heading === undefined)).toEqual([]);
    expect(written.toSorted()).toEqual([...new Set(named.map(String))].toSorted());
  });

  it.each(runbooks.map(({ heading, lines }) => [heading, lines.join('\n')]))(
    '«%s» says what it means, what users notice, how to look and what to do',
    (_heading, text) => {
      const parts = ['What it means', 'What users notice', 'How to look', 'What to do'];

      expect(parts.filter((part) => !text.includes(`**${part}.**`))).toEqual([]);
    },
  );
});

describe('the e-mail address of alarms', () => {
  it('is absent by default: alarms have no actions', () => {
    expect(stack.ofType('AWS::SNS::Topic').size).toBe(0);
    expect(alarms.filter(({ Properties }) => 'AlarmActions' in Properties || 'OKActions' in Properties)).toEqual([]);
  });

  it('is asked for, once and plainly, by whoever deploys without one', () => {
    expect(stack.remarks).toEqual([expect.stringContaining('No alarmEmail is set')]);
    expect(stack.remarks[0]).toContain('-c alarmEmail=');
  });

  const told = synthesizeStack({ ...SETTINGS, alarmEmail: 'ops@example.com' });
  it('is not asked for when there is one', () => {
    expect(told.remarks).toEqual([]);
  });

  const TOPIC = '<Monitoring/Alarms/Topic>';

  it('is notified of each alarm and of its end', () => {
    const actions = [...told.ofType(ALARM).values()].flatMap(({ Properties }) => {
      const { AlarmActions, OKActions }: { AlarmActions: unknown[]; OKActions: unknown[] } = JSON.parse(
        JSON.stringify(Properties),
      );
      return [AlarmActions, OKActions].map((targets) => targets.map((target) => told.read(target)).join());
    });

    const [subscription] = [...told.ofType('AWS::SNS::Subscription').values()];
    expect(actions).toHaveLength(2 * alarms.length);
    expect([...new Set(actions)]).toEqual([TOPIC]);
    expect(subscription?.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.com' });
  });

  it('is notified by a topic to which the account’s alarms may publish, and nobody without TLS', () => {
    const [policy] = [...told.ofType('AWS::SNS::TopicPolicy').values()];
    const { Statement }: { Statement: readonly Record<string, unknown>[] } = JSON.parse(
      JSON.stringify(policy?.Properties['PolicyDocument']),
    );

    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnLike: expect.anything() },
      },
    ]);
    expect(told.read(allowed[0]?.['Resource'])).toBe(TOPIC);
    expect(Statement.filter(({ Effect }) => Effect === 'Deny')).toMatchObject([
      { Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });
});
