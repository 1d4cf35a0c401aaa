import { isTopic } from '../../shared/protocol/topic.ts';
import { UsageError } from '../operator-error.ts';
import { countOption, durationOption, isSet, type OptionValues, textOption } from '../options.ts';

/** The selection of a replay. Times and ids are fixed when it begins, so that a resume reads the same records. */
export type Selection =
  | { readonly kind: 'range'; readonly topic: string; readonly fromSeq: number; readonly toSeq: number }
  | { readonly kind: 'since'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'failures'; readonly ids: readonly string[] | 'all' };

/** Returns the one selection that the options name. Throws UsageError. */
export function selectionOf(values: OptionValues, nowMs: number): Selection {
  const [topic, sinceMs, failure] = [
    textOption(values, 'topic'),
    durationOption(values, 'since'),
    textOption(values, 'failure'),
  ];
  const named = [topic, sinceMs, failure, isSet(values, 'all-failures') || undefined].filter(
    (one) => one !== undefined,
  );
  if (named.length !== 1) {
    throw new UsageError(
      'Say what: --topic T --from SEQ --to SEQ, or --since 20m, or --failure ID, or --all-failures.',
    );
  }
  if (topic !== undefined) return rangeOf(topic, values);
  if (sinceMs !== undefined) return { kind: 'since', fromMs: nowMs - sinceMs, toMs: nowMs };
  return { kind: 'failures', ids: failure === undefined ? 'all' : [failure] };
}

function rangeOf(topic: string, values: OptionValues): Selection {
  const [fromSeq, toSeq] = [countOption(values, 'from'), countOption(values, 'to')];
  if (!isTopic(topic)) throw new UsageError(`${topic} is not the name of a topic.`);
  if (fromSeq === undefined || toSeq === undefined) throw new UsageError('--topic needs --from SEQ and --to SEQ.');
  if (fromSeq > toSeq) throw new UsageError('--from is after --to.');
  return { kind: 'range', topic, fromSeq, toSeq };
}
