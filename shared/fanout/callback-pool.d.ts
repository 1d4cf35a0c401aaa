/** undici has types for its whole alone; the whole is twice as large in a bundle as the one part that is needed. */
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
