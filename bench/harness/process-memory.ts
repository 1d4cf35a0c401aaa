import { readFileSync } from 'node:fs';
import { treePids } from './process-cpu.ts';

const KB_PER_MB = 1_024;

/** The memory of a process and all that it started, in MB. */
export interface TreeMemory {
  readonly residentMb: number;
  /** The part that is no file's content: heaps, compiled code, buffers. Node's own code is shared by its processes. */
  readonly anonymousMb: number;
}

/** Returns the memory of a process and its descendants. Linux only: nothing elsewhere. */
export function treeMemory(root: number): TreeMemory {
  const texts = treePids(root).map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const sum = (name: string): number => texts.reduce((total, text) => total + valueOf(text, name), 0) / KB_PER_MB;
  return { residentMb: sum('Rss'), anonymousMb: sum('Anonymous') };
}

/** Returns a value of `smaps_rollup` in KB. */
export function valueOf(text: string, name: string): number {
  const [, value] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text) ?? [];
  return Number(value);
}
