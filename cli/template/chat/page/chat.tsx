import { connect } from '@distributary/client';
import { type FormEvent, useState } from 'react';
import { RealtimeProvider, type Topics, useConnection } from './hooks.ts';
import { ROOMS, type RoomTopic } from './permissions.ts';
import { Room } from './room.tsx';
import { serverUrl } from './server-url.ts';
import { fetchToken } from './token.ts';

/** The page: who are you, then the rooms. A tab remembers its name, so two tabs can be two people. */
export function App() {
  const [name, setName] = useState(sessionStorage.getItem('name'));
  const enter = (chosen: string) => {
    sessionStorage.setItem('name', chosen);
    setName(chosen);
  };
  if (name === null) return <SignIn onName={enter} />;
  const client = () => connect<Topics>(serverUrl(), { token: () => fetchToken(name) });
  return (
    <RealtimeProvider client={client}>
      <Chat name={name} />
    </RealtimeProvider>
  );
}

function SignIn({ onName }: { readonly onName: (name: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onName(String(new FormData(event.currentTarget).get('name')).trim().toLowerCase());
  };
  return (
    <section className="card sign-in">
      <h1>Who are you?</h1>
      <p className="faint">Any name will do here. The editor may write the news.</p>
      <form className="row" onSubmit={submit}>
        <input name="name" required maxLength={24} pattern="\s*\w[\w ]*" aria-label="Your name" placeholder="ann" />
        <button type="submit">Enter</button>
      </form>
    </section>
  );
}

function Chat({ name }: { readonly name: string }) {
  const [room, setRoom] = useState<RoomTopic>(ROOMS[0]);
  const { status } = useConnection();
  return (
    <>
      <header>
        <nav>
          {ROOMS.map((each) => (
            <button key={each} type="button" aria-pressed={each === room} onClick={() => setRoom(each)}>
              {each.replace('room/', '# ')}
            </button>
          ))}
        </nav>
        <p className="status">{status}</p>
      </header>
      <Room key={room} room={room} name={name} />
    </>
  );
}
