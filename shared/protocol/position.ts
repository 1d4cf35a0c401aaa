/**
 * A position in a topic. `seq` counts the topic's changes from 1 without holes. `epoch` identifies one numbering: a
 * topic that is deleted, expires or is restored begins again with a new epoch. `epoch: null` with `seq: 0` is the
 * position in a topic that nobody has published to yet.
 */
export interface Position {
  readonly epoch: string | null;
  readonly seq: number;
}
