import type { OpenPage } from '../page-browser.ts';

/** An example that runs by its own `npm start`, and the pages of those who use it. */
interface ExampleScene {
  /** The address of the example's page. */
  readonly page: string;
  /** Opens the page as another person would. */
  readonly open: () => Promise<OpenPage>;
  /**
   * Starts a script of the example's package.json, and waits for its first words. Resolves to a function that ends it.
   */
  readonly start: (script: string, ...args: readonly string[]) => Promise<() => Promise<void>>;
}

/** A trial of an example's pages: what one does, the other sees; a reload; a lost connection. */
export type PageTrial = (scene: ExampleScene) => Promise<void>;
