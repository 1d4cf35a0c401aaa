import type { Gap, Message } from '../client/src/index.ts';
import { part } from './element.ts';
import { saidOf } from './said.ts';

const TIMES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Returns the text by which a line of one message is found among those of several topics. */
export const lineKey = ({ topic, seq }: { readonly topic: string; readonly seq: number }): string => `${topic}#${seq}`;

/** The way in which a message is shown. */
export interface Shown {
  readonly isOwn: boolean;
  /** Whether the topic is named, since its view has several. */
  readonly namesTopic: boolean;
}

/** Returns the line of a message. */
export function messageLine(message: Message, { isOwn, namesTopic }: Shown): HTMLElement {
  const { topic, seq, data, publishedAt, from } = message;
  const line = document.createElement('li');
  line.dataset['seq'] = String(seq);
  line.dataset['key'] = lineKey(message);
  line.classList.toggle('mine', isOwn);
  const time = part('time', 'time', TIMES.format(new Date(publishedAt)));
  time.setAttribute('datetime', publishedAt);
  const body = bodyOf(data);
  // The subject, which the server vouches for, stands before the name that its author typed.
  if (from !== undefined) body.prepend(part('bdi', 'from subject', from), ' ');
  if (namesTopic) body.prepend(part('span', 'topic', topic), ' ');
  line.append(part('span', 'seq', String(seq)), body, time);
  return line;
}

/** Returns the line that reports lost messages. */
export function gapLine({ last, now }: Gap): HTMLElement {
  const count = now.seq - last.seq;
  const isKnown = last.epoch === now.epoch && count > 0;
  const text = isKnown
    ? `${count} ${count === 1 ? 'message' : 'messages'} missed (${last.seq + 1} to ${now.seq}).`
    : 'The numbering of this topic began again. How many messages were missed is unknown.';
  return part('li', 'gap', text);
}

function bodyOf(data: unknown): HTMLElement {
  const said = saidOf(data);
  const body = part('span', 'body', said?.text ?? JSON.stringify(data));
  body.toggleAttribute('data-json', said === undefined);
  if (said?.from === undefined || said.from === '') return body;
  const from = part('bdi', 'from', said.from);
  from.title = said.from;
  body.prepend(from, ' ');
  return body;
}
