import { optional, text, wholeNumber } from './item-schema.ts';

/** A position in a topic that has been published to. */
export interface TopicPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** The state of a head after a write. `value` is a counter's. */
export interface WrittenHead extends TopicPosition {
  readonly value?: number | undefined;
}

/** The attributes that every write leaves in a head. A key's record has them too. */
export const WRITTEN_HEAD = { epoch: text, seq: wholeNumber, value: optional(wholeNumber) } as const;
