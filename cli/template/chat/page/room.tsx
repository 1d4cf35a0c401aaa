import type { Member, Message } from '@distributary/client';
import { useEffect, useRef } from 'react';
import { Composer } from './composer.tsx';
import { usePresence, useTopic } from './hooks.ts';
import { mayWrite, type RoomTopic } from './permissions.ts';

interface RoomProps {
  readonly room: RoomTopic;
  readonly name: string;
}

/** A room: what was said, who is here, who types, and a field to say something. */
export function Room({ room, name }: RoomProps) {
  const { messages, publish } = useTopic(room, { history: 50 });
  const { members, set } = usePresence(room);
  const typing = members.filter(({ id, state }) => id !== name && state === 'typing').map(nameOf);
  return (
    <main className="room">
      <section className="card">
        <Messages messages={messages} />
        <p className="faint typing" aria-live="polite">
          {typing.length > 0 && `${typing.join(', ')} ${typing.length === 1 ? 'is' : 'are'} typing …`}
        </p>
        {mayWrite(name, room) ? (
          <Composer onSay={publish} onTyping={(isTyping) => set(isTyping ? 'typing' : null)} />
        ) : (
          <p className="faint">You may read here. Only the editor writes.</p>
        )}
      </section>
      <Members members={members} />
    </main>
  );
}

function Messages({ messages }: { readonly messages: readonly Message<string>[] }) {
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Nothing is returned: some browsers answer with a promise, which React would take for the end of the effect.
    void end.current?.scrollIntoView({ block: 'nearest' });
  }, [messages]);
  return (
    <ol className="lines messages" aria-label="Messages">
      {messages.map(({ seq, from = '?', data, publishedAt }) => (
        <li key={seq}>
          <Avatar name={from} />
          <strong>{from}</strong> <time className="faint">{publishedAt.slice(11, 16)}</time>
          <p>{data}</p>
        </li>
      ))}
      <li ref={end} />
    </ol>
  );
}

function Members({ members }: { readonly members: readonly Member[] }) {
  return (
    <aside className="card">
      <h2>{members.length} here</h2>
      <ul className="lines" aria-label="Members">
        {members.map((member) => (
          <li key={member.id}>
            <Avatar name={nameOf(member)} /> {nameOf(member)}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Avatar({ name }: { readonly name: string }) {
  const hue = Array.from(name).reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) % 360;
  return (
    <span className="avatar" aria-hidden style={{ background: `hsl(${hue} 45% 42%)` }}>
      {name.charAt(0)}
    </span>
  );
}

/** Returns the name that a member's token shows to everybody. */
const nameOf = ({ id, profile }: Member): string => {
  const { name } = Object(profile);
  return typeof name === 'string' ? name : id;
};
