/**
 * Where a client stands in a topic. `seq` counts the topic's changes from 1 without holes; `epoch` names one life of
 * that numbering. `epoch: null` with `seq: 0` is the position in a topic that nobody has published to yet.
 */
export interface Position {
  readonly epoch: string | null;
  readonly seq: number;
}
