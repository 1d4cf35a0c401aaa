import { connect } from '@distributary/client';
import { type CounterView, createHooks } from '@distributary/react';
import { serverUrl } from './server-url.ts';

/** The types of the topics: many counters, and one topic in which those who vote see each other. */
interface Topics {
  'counter:*': number;
  lunch: never;
}

const { RealtimeProvider, useConnection, useCounter, usePresence } = createHooks<Topics>();

const client = () => connect<Topics>(serverUrl());

/** The page. */
export const App = () => (
  <RealtimeProvider client={client}>
    <header>
      <h1>What is for lunch?</h1>
      <Status />
    </header>
    <main>
      <Poll />
      <People />
    </main>
  </RealtimeProvider>
);

function Status() {
  const { status } = useConnection();
  const isOnline = status === 'online';
  return <p className="status">{isOnline ? status : `${status}: your votes are sent when the connection is back`}</p>;
}

function Poll() {
  const dishes = {
    Ramen: useCounter('ramen'),
    Tacos: useCounter('tacos'),
    Pizza: useCounter('pizza'),
    Dal: useCounter('dal'),
  };
  const most = Math.max(1, ...Object.values(dishes).map(({ value = 0 }) => value));
  return Object.entries(dishes).map(([name, counter]) => <Dish key={name} name={name} counter={counter} most={most} />);
}

interface DishProps {
  readonly name: string;
  readonly counter: CounterView;
  /** The votes of the leading dish: the length of a whole bar. */
  readonly most: number;
}

function Dish({ name, counter: { value, increment, decrement }, most }: DishProps) {
  // Two who take back the last vote at once: the server lets one of them.
  const takeBack = () => void decrement(1, { min: 0 }).catch(() => undefined);
  const isKnown = value !== undefined;
  return (
    <section className="card dish" aria-label={name} data-leads={isKnown && value === most}>
      <h2>{name}</h2>
      <div className="bar">
        <div style={{ width: `${(100 * (value ?? 0)) / most}%` }} />
      </div>
      <output className="figure">{value ?? '…'}</output>
      <button type="button" className="quiet" aria-label={`Less ${name}`} disabled={!value} onClick={takeBack}>
        −
      </button>
      <button type="button" aria-label={`More ${name}`} disabled={!isKnown} onClick={() => void increment()}>
        +
      </button>
    </section>
  );
}

function People() {
  const { members, presence } = usePresence('lunch');
  if (presence === undefined) return null;
  return (
    <p className="faint people">
      {members.map(({ id }) => (
        <span key={id} className="person" data-self={id === presence.self} />
      ))}
      {presence.count === 1 ? 'Only you. Open this page in a second tab.' : `${presence.count} people are here`}
    </p>
  );
}
