/** Which functions write to a stream, as far as its polls have shown. */
export interface WakeWorth {
  /** An invocation of a function ended. True: it is worth a poll at once. */
  readonly note: (functionArn: string) => boolean;
  /** A poll begins. To be told, when it has succeeded, whether it brought records. */
  readonly begin: () => (broughtRecords: boolean) => void;
}

/**
 * Learns whose invocations bring records: a function after which so many polls in a row found nothing is left to the
 * ordinary polls, until one of those finds something after it. One entry for each function of the application.
 */
export function createWakeWorth(uselessWakes: number): WakeWorth {
  const useless = new Map<string, number>();
  let ended = new Set<string>();
  return {
    note: (functionArn) => {
      ended.add(functionArn);
      return (useless.get(functionArn) ?? 0) < uselessWakes;
    },
    begin: () => {
      // Whoever ends while the poll is under way may have written what it no longer sees.
      const before = ended;
      ended = new Set();
      return (broughtRecords) => {
        for (const each of before) useless.set(each, broughtRecords ? 0 : (useless.get(each) ?? 0) + 1);
      };
    },
  };
}
