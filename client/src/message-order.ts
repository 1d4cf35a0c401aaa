import type { MessageFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Position } from './types.ts';

/**
 * The outcome of a `subscribed` frame.
 * - `more`: further frames belong to the same answer.
 * - `caught-up`: nothing is missing up to the position of the frame.
 * - `lost`: the messages after `last`, up to `now`, cannot be fetched any more.
 */
export type AnswerOutcome =
  | { readonly outcome: 'more' }
  | { readonly outcome: 'caught-up' }
  | { readonly outcome: 'lost'; readonly last: Position; readonly now: Position };

/** Puts the messages of one topic in order: each once, by `seq`, without gaps. */
export class MessageOrder {
  readonly #deliver: (message: MessageFrame) => void;
  readonly #buffered = new Map<number, MessageFrame>();
  readonly #ownSeqs = new Set<number>();
  #position: Position | undefined;
  /** The position that the last subscribe request named. */
  #requestedFrom: Position | undefined;
  /** Whether buffered messages were dropped since the last release. They have to be fetched. */
  #hasDropped = false;
  /** The epoch before the current one. */
  #previousEpoch: string | null | undefined;
  /** The number of answers in a row that led back to an earlier position. */
  #lateAnswers = 0;
  /** The position at which the topic was closed, if that is known. */
  #end: Position | undefined;
  #isEndTold = false;

  constructor(deliver: (message: MessageFrame) => void) {
    this.#deliver = deliver;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** The end of a closed topic, once everything before it was delivered. */
  get closedAt(): Position | undefined {
    const [end, position] = [this.#end, this.#position];
    const isReached = end !== undefined && position?.epoch === end.epoch && position.seq >= end.seq;
    return isReached ? end : undefined;
  }

  /** Returns the end of a closed topic, once it is reached; undefined each further time. */
  takeEnd(): Position | undefined {
    const end = this.#isEndTold ? undefined : this.closedAt;
    this.#isEndTold ||= end !== undefined;
    return end;
  }

  /** Notes what a frame says of the end of its topic. */
  learnEnd({ epoch, seq, closed }: Position & { readonly closed?: true | undefined }): void {
    if (closed !== true || (this.#end?.epoch === epoch && this.#end.seq === seq)) return;
    this.#end = { epoch, seq };
    this.#isEndTold = false;
  }

  /** Returns the position to request from, and remembers it. */
  startRequest(): Position | undefined {
    this.#requestedFrom = this.#position;
    return this.#position;
  }

  /** Takes a live message. Returns false when it was buffered, because an earlier one is missing. */
  takeLive(message: MessageFrame): boolean {
    if (this.#isRepeat(message)) return true;
    if (this.#isNext(message)) {
      this.#take(message);
      this.release();
      return true;
    }
    this.buffer(message);
    return false;
  }

  /**
   * Buffers a message until the ones before it are known. Beyond the bound it is dropped, and fetched with the others.
   */
  buffer(message: MessageFrame): void {
    if (this.#buffered.size < BOUNDS.BUFFERED_MESSAGES) this.#buffered.set(message.seq, message);
    else this.#hasDropped = true;
  }

  /** Records the position of an own message that the server does not send to its publisher: that seq is no gap. */
  skipOwn({ epoch, seq }: Position): void {
    if (this.#position === undefined || (this.#isSameEpoch(epoch) && seq <= this.#position.seq)) return;
    if (this.#ownSeqs.size >= BOUNDS.OWN_SEQS) this.#ownSeqs.clear();
    this.#ownSeqs.add(seq);
    this.#advanceOverOwn(epoch);
    this.release();
  }

  /**
   * Whether an answer is a late one: it leads back to before the requested position, or into the previous epoch.
   * Messages after it were seen already. After `LATE_ANSWERS` such answers in a row the next is believed: the topic was
   * restored.
   */
  isLate({ epoch, seq, recovered, lastValueOnly }: SubscribedFrame): boolean {
    const isBehind = this.#requestedFrom?.epoch === epoch && seq < this.#requestedFrom.seq;
    const isBefore = isBehind && (!recovered || lastValueOnly === true);
    this.#lateAnswers = isBefore || epoch === this.#previousEpoch ? this.#lateAnswers + 1 : 0;
    return this.#lateAnswers > 0 && this.#lateAnswers <= BOUNDS.LATE_ANSWERS;
  }

  /** Takes an answer to a subscribe request: the missed messages, and the position of the topic. */
  catchUp(frame: SubscribedFrame): AnswerOutcome {
    const last = this.#position;
    if (frame.recovered && frame.lastValueOnly === true) return this.#takeState(frame, last);
    if (!frame.recovered || (last !== undefined && !this.#continues(frame.epoch))) return this.#startAgain(frame, last);
    for (const message of frame.messages ?? []) if (!this.#isRepeat(message)) this.#take(message);
    // Never backwards: live messages may have overtaken the answer.
    if (last === undefined || frame.seq > (this.#position?.seq ?? 0)) this.#position = positionOf(frame);
    if (frame.more === true) return { outcome: 'more' };
    this.#dropOtherEpochs(frame.epoch);
    return { outcome: 'caught-up' };
  }

  /** Whether messages are missing between the current position and those of an answer. */
  hasHole({ seq, messages = [], recovered, lastValueOnly }: SubscribedFrame): boolean {
    const position = this.#position;
    if (position === undefined || !recovered || lastValueOnly === true) return false;
    const missed = seq - position.seq;
    return missed > messages.filter((message) => message.seq > position.seq).length;
  }

  /** Delivers the buffered messages that follow without a gap. Returns true when nothing is missing after that. */
  release(): boolean {
    for (const message of [...this.#buffered.values()].sort((a, b) => a.seq - b.seq)) {
      if (this.#isNext(message)) this.#take(message);
      if (this.#isRepeat(message)) this.#buffered.delete(message.seq);
    }
    const isComplete = this.#buffered.size === 0 && !this.#hasDropped;
    this.#hasDropped = false;
    return isComplete;
  }

  /** Drops buffered messages of another epoch. Whether it is older or newer is unknown, so the caller asks again. */
  #dropOtherEpochs(known: string | null): void {
    for (const [seq, { epoch }] of this.#buffered) {
      if (known !== null && epoch !== known) this.#hasDropped = this.#buffered.delete(seq);
    }
  }

  /**
   * Starts from the position of an answer that does not continue the current one. Buffered messages that lead up to it
   * without a gap are not lost: they are delivered by `release`.
   */
  #startAgain(frame: SubscribedFrame, last: Position | undefined): AnswerOutcome {
    for (const [seq, { epoch }] of this.#buffered) if (epoch !== frame.epoch) this.#buffered.delete(seq);
    const isSameEpoch = last?.epoch === frame.epoch;
    const requestedSeq = this.#requestedFrom?.epoch === frame.epoch ? this.#requestedFrom.seq : 0;
    // Live messages overtook the answer: nothing of what it reports is lost.
    if (isSameEpoch && frame.seq <= last.seq && frame.seq >= requestedSeq) return { outcome: 'caught-up' };
    if (!isSameEpoch) {
      this.#ownSeqs.clear();
      this.#previousEpoch = last?.epoch;
    }
    const firstSeq = isSameEpoch ? last.seq : 0;
    let { seq } = frame;
    while (seq > firstSeq && this.#buffered.has(seq)) seq -= 1;
    const now = { epoch: frame.epoch, seq };
    this.#position = now;
    const isNothingLost = last === undefined || (isSameEpoch && seq === last.seq);
    return isNothingLost ? { outcome: 'caught-up' } : { outcome: 'lost', last, now };
  }

  /** Takes the newest message of a topic that keeps no other: it stands for all that was missed, in any epoch. */
  #takeState(frame: SubscribedFrame, last: Position | undefined): AnswerOutcome {
    const isSameEpoch = last?.epoch === frame.epoch;
    const requestedSeq = this.#requestedFrom?.epoch === frame.epoch ? this.#requestedFrom.seq : 0;
    // Live messages overtook the answer.
    if (isSameEpoch && frame.seq <= last.seq && frame.seq >= requestedSeq) return { outcome: 'caught-up' };
    if (!this.#continues(frame.epoch)) {
      this.#ownSeqs.clear();
      this.#previousEpoch = last?.epoch;
    }
    this.#position = positionOf(frame);
    for (const message of frame.messages ?? []) this.#take(message);
    this.#dropOtherEpochs(frame.epoch);
    return { outcome: 'caught-up' };
  }

  #take(message: MessageFrame): void {
    this.#position = positionOf(message);
    if (!this.#ownSeqs.delete(message.seq)) this.#deliver(message);
    this.#advanceOverOwn(message.epoch);
  }

  /** Advances the position over own messages, which the server does not send. */
  #advanceOverOwn(epoch: string | null): void {
    while (this.#position !== undefined && this.#continues(epoch) && this.#ownSeqs.delete(this.#position.seq + 1)) {
      this.#position = { epoch, seq: this.#position.seq + 1 };
    }
  }

  #isNext = ({ epoch, seq }: MessageFrame): boolean => this.#continues(epoch) && seq === (this.#position?.seq ?? 0) + 1;

  #isRepeat = ({ epoch, seq }: MessageFrame): boolean =>
    this.#position !== undefined && this.#isSameEpoch(epoch) && seq <= this.#position.seq;

  #isSameEpoch = (epoch: string | null): boolean => this.#position?.epoch === epoch;

  /**
   * Whether an epoch continues the current position. Before the first publish a topic has no epoch: any first epoch
   * does.
   */
  #continues(epoch: string | null): boolean {
    if (this.#position === undefined) return false;
    return this.#isSameEpoch(epoch) || (this.#position.epoch === null && this.#position.seq === 0);
  }
}

const positionOf = ({ epoch, seq }: Position): Position => ({ epoch, seq });
