import { Duration } from 'aws-cdk-lib';
import { readProps } from '../../infra/distributary-props.ts';
import { propsOfTopics } from '../../infra/topic-props.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { type SynthesizedStack, synthesizeStack } from './synthesized-stack.ts';

const TOPICS = {
  'news/*': { retentionHours: 168, history: 200 },
  'price/*': { lastValueOnly: true },
  'room/*': { create: 'server' },
};

const byDefault = synthesizeStack();
const withSettings = synthesizeStack({ topics: TOPICS, http: 'on' });

/** Returns the settings that functions have in their environment, by the function's path. */
function settingsIn(stack: SynthesizedStack): Readonly<Record<string, unknown>> {
  const found = [...stack.ofType('AWS::Lambda::Function')].flatMap(([path, { Properties }]) => {
    const { Variables = {} }: { Variables?: Readonly<Record<string, string>> } = JSON.parse(
      JSON.stringify(Properties['Environment'] ?? {}),
    );
    const text = Variables[ENVIRONMENT.topicSettings];
    return text === undefined ? [] : [[path, JSON.parse(text)] as const];
  });
  return Object.fromEntries(found);
}

describe('the settings of topics', () => {
  it('are in the environment of each Lambda that creates, keeps or reads messages, and in an output', () => {
    const found = settingsIn(withSettings);

    const governed = ['Publish', 'Plus', 'Minus', 'OnMessage', 'Default', 'Broadcast', 'CatchUp', 'Presence'];
    expect(Object.keys(found).toSorted()).toEqual(
      [...governed.map((id) => `Functions/${id}/Function`), 'Http/Stream/Function'].toSorted(),
    );
    for (const settings of Object.values(found)) expect(settings).toEqual(TOPICS);
    expect(JSON.parse(String(withSettings.outputs['TopicSettings']?.Value))).toEqual(TOPICS);
  });

  it('are nowhere in a stack without them', () => {
    expect(settingsIn(byDefault)).toEqual({});
    expect(Object.keys(byDefault.outputs)).not.toContain('TopicSettings');
  });

  it('name a time as a Duration in the properties of the construct, and in hours as a setting', () => {
    const topics = { 'news/*': { retention: Duration.days(7), history: 200 }, 'price/*': { lastValueOnly: true } };
    const settings = { 'news/*': { retentionHours: 168, history: 200 }, 'price/*': { lastValueOnly: true } };

    expect(readProps({ topics }).topics).toEqual(settings);
    expect(readProps({ topics: propsOfTopics(settings) }).topics).toEqual(settings);
  });
});
