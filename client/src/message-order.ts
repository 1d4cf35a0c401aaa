import type { MessageFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Position } from './types.ts';

/** What came of a `subscribed` frame. */
export type Caught =
  /** More frames belong to it. */
  | { readonly outcome: 'more' }
  | { readonly outcome: 'caught-up' }
  /** What came after `last`, up to `now`, is lost. */
  | { readonly outcome: 'lost'; readonly last: Position; readonly now: Position };

/** Puts the messages of one topic in order: each once, by `seq`, without holes. */
export class MessageOrder {
  readonly #deliver: (message: MessageFrame) => void;
  readonly #held = new Map<number, MessageFrame>();
  readonly #ownSeqs = new Set<number>();
  #position: Position | undefined;
  /** Where it stood when what was missed was last asked for. */
  #asked: Position | undefined;
  #hasLetGo = false;
  /** The life that it was in before this one. */
  #left: string | null | undefined;
  #doubts = 0;

  constructor(deliver: (message: MessageFrame) => void) {
    this.#deliver = deliver;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** The position to ask from. */
  ask(): Position | undefined {
    this.#asked = this.#position;
    return this.#position;
  }

  /** A live message. False when it is held back, because one before it is missing. */
  live(message: MessageFrame): boolean {
    if (this.#isRepeat(message)) return true;
    if (this.#isNext(message)) {
      this.#take(message);
      this.release();
      return true;
    }
    this.hold(message);
    return false;
  }

  /** Keeps a message until what is before it is known. Beyond the bound it is let go, to be fetched like the others. */
  hold(message: MessageFrame): void {
    if (this.#held.size < BOUNDS.HELD_MESSAGES) this.#held.set(message.seq, message);
    else this.#hasLetGo = true;
  }

  /** The seq of an own message that the server does not send back to its publisher. */
  own({ epoch, seq }: Position): void {
    if (this.#position === undefined || (this.#isSameLife(epoch) && seq <= this.#position.seq)) return;
    if (this.#ownSeqs.size >= BOUNDS.OWN_SEQS) this.#ownSeqs.clear();
    this.#ownSeqs.add(seq);
    this.#passOwn(epoch);
    this.release();
  }

  /**
   * Whether an answer leads back, to before what was asked or into the life before: a late one does, and what follows it was
   * seen already. One that comes again and again is not late: the topic was brought back.
   */
  isLate({ epoch, seq, recovered }: SubscribedFrame): boolean {
    const isBefore = !recovered && this.#asked?.epoch === epoch && seq < this.#asked.seq;
    this.#doubts = isBefore || epoch === this.#left ? this.#doubts + 1 : 0;
    return this.#doubts > 0 && this.#doubts <= BOUNDS.LATE_ANSWERS;
  }

  /** The answer to a subscription: what was missed, and where the topic stands. */
  caughtUp(frame: SubscribedFrame): Caught {
    const last = this.#position;
    if (!frame.recovered || (last !== undefined && !this.#continues(frame.epoch))) return this.#startAgain(frame, last);
    for (const message of frame.messages ?? []) if (!this.#isRepeat(message)) this.#take(message);
    // Never backwards: while the answer was on its way, live messages may have passed it.
    if (last === undefined || frame.seq > (this.#position?.seq ?? 0)) this.#position = positionOf(frame);
    if (frame.more === true) return { outcome: 'more' };
    this.#letGoOtherLives(frame.epoch);
    return { outcome: 'caught-up' };
  }

  /** Delivers held messages as far as they follow on. True when nothing is missing then. */
  release(): boolean {
    for (const message of [...this.#held.values()].sort((a, b) => a.seq - b.seq)) {
      if (this.#isNext(message)) this.#take(message);
      if (this.#isRepeat(message)) this.#held.delete(message.seq);
    }
    const isComplete = this.#held.size === 0 && !this.#hasLetGo;
    this.#hasLetGo = false;
    return isComplete;
  }

  /** Of a life that has ended, or of one that began just now: asking again tells which. */
  #letGoOtherLives(known: string | null): void {
    for (const [seq, { epoch }] of this.#held) {
      if (known !== null && epoch !== known) this.#hasLetGo = this.#held.delete(seq);
    }
  }

  /** What is held, and leads up to where the topic stands, is not lost: it only has to be released. */
  #startAgain(frame: SubscribedFrame, last: Position | undefined): Caught {
    for (const [seq, { epoch }] of this.#held) if (epoch !== frame.epoch) this.#held.delete(seq);
    const isSameLife = last?.epoch === frame.epoch;
    const askedSeq = this.#asked?.epoch === frame.epoch ? this.#asked.seq : 0;
    // While the answer was on its way, live messages passed what it speaks of: nothing of that is lost.
    if (isSameLife && frame.seq <= last.seq && frame.seq >= askedSeq) return { outcome: 'caught-up' };
    if (!isSameLife) {
      this.#ownSeqs.clear();
      this.#left = last?.epoch;
    }
    const firstSeq = isSameLife ? last.seq : 0;
    let { seq } = frame;
    while (seq > firstSeq && this.#held.has(seq)) seq -= 1;
    const now = { epoch: frame.epoch, seq };
    this.#position = now;
    const isNothingLost = last === undefined || (isSameLife && seq === last.seq);
    return isNothingLost ? { outcome: 'caught-up' } : { outcome: 'lost', last, now };
  }

  #take(message: MessageFrame): void {
    this.#position = positionOf(message);
    if (!this.#ownSeqs.delete(message.seq)) this.#deliver(message);
    this.#passOwn(message.epoch);
  }

  /** Own messages are not sent: the position passes over them. */
  #passOwn(epoch: string | null): void {
    while (this.#position !== undefined && this.#continues(epoch) && this.#ownSeqs.delete(this.#position.seq + 1)) {
      this.#position = { epoch, seq: this.#position.seq + 1 };
    }
  }

  #isNext = ({ epoch, seq }: MessageFrame): boolean => this.#continues(epoch) && seq === (this.#position?.seq ?? 0) + 1;

  #isRepeat = ({ epoch, seq }: MessageFrame): boolean =>
    this.#position !== undefined && this.#isSameLife(epoch) && seq <= this.#position.seq;

  #isSameLife = (epoch: string | null): boolean => this.#position?.epoch === epoch;

  /** Before the first publish a topic has no epoch: whichever it then gets continues that. */
  #continues(epoch: string | null): boolean {
    if (this.#position === undefined) return false;
    return this.#isSameLife(epoch) || (this.#position.epoch === null && this.#position.seq === 0);
  }
}

const positionOf = ({ epoch, seq }: Position): Position => ({ epoch, seq });
