/** The rooms, each with its topic. */
export const ROOMS = ['room/lobby', 'room/random', 'room/news'] as const;

/** The topic of a room. */
export type RoomTopic = (typeof ROOMS)[number];

/** The name of the one who may write the news. */
const EDITOR = 'editor';

/** Whether somebody may write in a room. */
export const mayWrite = (name: string, room: RoomTopic): boolean => room !== 'room/news' || name === EDITOR;

/** Returns the claims of a token: what somebody may do, room by room. Nothing else is permitted. */
export const permissionsOf = (name: string) => ({
  subscribe: ROOMS,
  presence: ROOMS,
  publish: ROOMS.filter((room) => mayWrite(name, room)),
});
