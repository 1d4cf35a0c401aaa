import type { Frame } from './dialogue.ts';

/** Whether a frame is the list of members that a subscription with presence begins with. */
export const isList = (frame: Frame): boolean => frame['type'] === 'presence' && 'self' in frame;

/** Whether a frame tells a change of the members. One that names the watcher itself may come, even before its list. */
export const isChange = (frame: Frame): boolean => frame['type'] === 'presence' && !('self' in frame);

/** The names that a presence frame has as joined. */
export const joinedBy = ({ joined }: Frame): readonly unknown[] => (Array.isArray(joined) ? joined : []);

/** The names that join by a frame and are not in a watcher's list. */
export const newcomersOf = (frame: Frame, list: Frame): readonly unknown[] =>
  joinedBy(frame).filter((name) => !joinedBy(list).includes(name));

/** Matches a change by which somebody joins who is not in a watcher's list. */
export const comesAfter =
  (list: Frame) =>
  (frame: Frame): boolean =>
    isChange(frame) && newcomersOf(frame, list).length > 0;
