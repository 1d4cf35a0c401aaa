import { readTopicSettings, topicSettingsFinder, type FindTopicSettings } from '../shared/topics/topic-settings.ts';
import type { Stack } from './find-stack.ts';
import { OperatorError } from './operator-error.ts';

/** Returns the settings of a stack's topics, by its output. Throws OperatorError for an output that is invalid. */
export function topicSettingsOf({ topicSettings }: Pick<Stack, 'topicSettings'>): FindTopicSettings {
  if (topicSettings === undefined) return topicSettingsFinder(undefined);
  try {
    return topicSettingsFinder(readTopicSettings(JSON.parse(topicSettings)));
  } catch (cause) {
    throw new OperatorError('The output TopicSettings is not what this version writes: deploy again.', { cause });
  }
}
