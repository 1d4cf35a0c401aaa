import fc from 'fast-check';
import { Members } from '../../client/src/members.ts';
import { AWAY_MS } from '../../shared/fanout/presence/decide-members.ts';
import { announcePresence } from '../../shared/fanout/presence/presence.ts';
import type { MemberConnection, PresenceEvent } from '../../shared/store/presence.ts';
import { connectionOf, createPresenceStage } from '../helpers/presence-stage.ts';

const LANES = 2;
const SECOND_MS = 1_000;
const SUBJECTS = ['ann', 'bob'];

/** A step: a connection of a subject begins, ends or stays; a lane takes a batch; the index catches up; time passes. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), subject: fc.nat(SUBJECTS.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('take' as const), lane: fc.nat(LANES - 1), fails: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('index' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('seconds' as const), count: fc.integer({ min: 1, max: 6 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A topic whose connections come and go, several lanes of its stream, and the client of a watcher. */
class World {
  readonly #stage = createPresenceStage();
  readonly #client = new Members();
  readonly #open = new Map<string, string>();
  readonly #connectedAt = new Map<string, number>();
  /** The events of each lane that no batch has taken; a batch that failed comes first, as it was. */
  readonly #lanes: PresenceEvent[][][] = Array.from({ length: LANES }, () => [[]]);
  /** The time in ms since which each subject has no connection, by the clock of the stage. */
  readonly #absentSince = new Map(SUBJECTS.map((subject) => [subject, this.#stage.deps.now()]));
  #taken = 0;
  #made = 0;
  /** The reports of a leave of a subject that was here, or away for less than the time that it has. */
  readonly wrongLeaves: string[] = [];
  /** The number of reports of each subject's joins and leaves, as the client tells them. */
  readonly told: string[] = [];

  constructor() {
    for (const id of ['eve', 'fay', 'gil']) this.#stage.watchers.set(id, connectionOf(id));
    this.#client.take({ type: 'presence', topic: 'lobby', joined: [], left: [], count: 0, countedAt: '', self: 'wil' });
  }

  get known(): readonly string[] {
    return this.#client.all.map(({ id }) => id).toSorted();
  }

  get present(): readonly string[] {
    return [...new Set(this.#open.values())].toSorted();
  }

  get leftOver(): number {
    return this.#stage.away.records('lobby').size + this.#stage.away.clocks.size;
  }

  async play(each: Step): Promise<void> {
    switch (each.do) {
      case 'connect':
        return this.#connect(SUBJECTS[each.subject] ?? '');
      case 'end':
        return this.#end([...this.#open.keys()][each.which]);
      case 'take':
        return this.#take(each.lane, each.fails);
      case 'index':
        return this.#catchUpIndex();
      case 'seconds':
        for (let second = 0; second < each.count; second++) await this.pass();
    }
  }

  /** Lets a second pass, in which the index catches up and each lane takes what it has. */
  async pass(): Promise<void> {
    this.#stage.pass(SECOND_MS);
    this.#catchUpIndex();
    for (let lane = 0; lane < LANES; lane++) {
      while ((this.#lanes[lane] ?? []).some((batch) => batch.length > 0)) await this.#take(lane, false);
    }
    await this.#stage.tick();
    this.#hear();
  }

  #connect(subject: string): void {
    this.#made += 1;
    const id = `${subject}-${this.#made}`;
    this.#stage.pass(1);
    this.#connectedAt.set(id, this.#stage.deps.now());
    this.#open.set(id, subject);
    this.#absentSince.delete(subject);
    this.#happen('joined', id);
  }

  #end(id: string | undefined): void {
    const subject = this.#open.get(id ?? '');
    if (id === undefined || subject === undefined) return;
    this.#open.delete(id);
    if (!this.present.includes(subject)) this.#absentSince.set(subject, this.#stage.deps.now());
    this.#happen('left', id);
  }

  /** The records of one connection are in one lane, in order. */
  #happen(kind: 'joined' | 'left', id: string): void {
    const event: PresenceEvent = { kind, topic: 'lobby', connection: this.#connectionOf(id) };
    this.#lanes[Number(id.split('-')[1]) % LANES]?.at(-1)?.push(event);
  }

  #connectionOf(id: string): MemberConnection {
    return { ...connectionOf(id), connectedAt: this.#connectedAt.get(id) ?? 0 };
  }

  #catchUpIndex(): void {
    this.#stage.rows.clear();
    for (const id of this.#open.keys()) this.#stage.rows.set(id, this.#connectionOf(id));
  }

  async #take(lane: number, fails: boolean): Promise<void> {
    const batches = this.#lanes[lane] ?? [];
    const batch = batches.shift() ?? [];
    if (batches.length === 0) batches.push([]);
    this.#stage.outcome = fails ? 'failed' : 'delivered';
    const { isDone } = await announcePresence(this.#stage.deps, batch);
    this.#stage.outcome = 'delivered';
    if (!isDone) batches.unshift(batch);
    this.#hear();
  }

  /** Lets the client take the frames that the watcher was sent. */
  #hear(): void {
    const { told } = this.#stage;
    for (const { to, frame } of told.slice(this.#taken)) {
      if (to !== 'wil') continue;
      const changed = this.#client.take(frame);
      for (const { id } of changed?.joined ?? []) this.told.push(`${id} joined`);
      for (const { id } of changed?.left ?? []) {
        this.told.push(`${id} left`);
        const awayMs = this.#stage.deps.now() - (this.#absentSince.get(id) ?? Infinity);
        if (!(awayMs >= AWAY_MS)) this.wrongLeaves.push(`${id} after ${awayMs} ms`);
      }
    }
    this.#taken = told.length;
  }
}

/** Courses that once ended with a wrong list: a connection that began and ended in one batch, beside other lanes. */
const FOUND: [Step[]][] = [
  [
    [
      { do: 'connect', subject: 1 },
      { do: 'end', which: 0 },
      { do: 'connect', subject: 1 },
      { do: 'index' },
      { do: 'take', lane: 1, fails: false },
      { do: 'end', which: 0 },
    ],
  ],
  [
    [
      { do: 'connect', subject: 1 },
      { do: 'end', which: 0 },
      { do: 'take', lane: 1, fails: false },
      { do: 'connect', subject: 1 },
    ],
  ],
  [
    [
      { do: 'connect', subject: 1 },
      { do: 'connect', subject: 1 },
      { do: 'take', lane: 0, fails: true },
      { do: 'end', which: 1 },
    ],
  ],
];

describe('presence by name', () => {
  it('ends with the members that are there, whatever came between, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        for (const each of steps) await world.play(each);

        for (let second = 0; second <= 2 * (AWAY_MS / SECOND_MS); second++) await world.pass();

        expect(world.known).toEqual(world.present);
        expect(world.leftOver).toBe(0);
      }),
      { numRuns: 2_000, examples: FOUND },
    );
  });

  it('reports no leave of a subject that is there, or is back in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        for (const each of steps) await world.play(each);
        for (let second = 0; second <= 2 * (AWAY_MS / SECOND_MS); second++) await world.pass();

        expect(world.wrongLeaves).toEqual([]);
      }),
      { numRuns: 2_000, examples: FOUND },
    );
  });
});
