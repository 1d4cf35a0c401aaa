export type { Realtime } from '@distributary/client';
