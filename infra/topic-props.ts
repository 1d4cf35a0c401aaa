import { Duration } from 'aws-cdk-lib';
import type { SettingsByPattern, TopicSettings } from '../shared/topics/topic-settings.ts';

/** The settings of the topics that a pattern matches. What is absent is as for any other topic. */
export interface TopicProps extends Omit<TopicSettings, 'retentionHours'> {
  /**
   * Time for which messages are kept: whole hours, 1 to 8,760. Default: that of the stack. The setting is
   * `retentionHours`.
   */
  readonly retention?: Duration | undefined;
}

/** The settings of topics, by topic pattern. The most specific pattern that matches a topic holds, as a whole. */
export type TopicPropsByPattern = Readonly<Record<string, TopicProps>>;

/** Returns the properties of topics in the terms of the setting. Leaves checking to it. */
export const settingsOfTopics = (topics: TopicPropsByPattern): Readonly<Record<string, unknown>> =>
  mapValues(topics, (props) => {
    // A value that is no Duration is refused with the other settings.
    if (typeof props?.retention?.toHours !== 'function') return props;
    const { retention, ...others } = props;
    return { ...others, retentionHours: retention.toHours({ integral: false }) };
  });

/** Returns the settings of topics as properties of the construct. */
export const propsOfTopics = (settings: SettingsByPattern): TopicPropsByPattern =>
  mapValues(settings, ({ retentionHours, ...others }) => ({
    ...others,
    ...(retentionHours === undefined ? {} : { retention: Duration.hours(retentionHours) }),
  }));

const mapValues = <From, To>(from: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, map(value)]));
