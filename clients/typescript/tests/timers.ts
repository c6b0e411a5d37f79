import type { TestContext } from "node:test";

const set = globalThis.setTimeout;

/** Pauses of the client are shorter, and its silence of 45 s is longer, and so is what a test wants to last. */
const LONGEST_PAUSE = 44_000;

/** Until the test has ended, pauses end at once and are written down; time-outs stay what they are. */
export function withoutPauses(t: TestContext): number[] {
  const pauses: number[] = [];
  replace(t, (milliseconds) => {
    if (!new Error().stack!.includes("at sleep ") || milliseconds > LONGEST_PAUSE) {
      return milliseconds;
    }
    pauses.push(milliseconds);
    return 0;
  });
  return pauses;
}

/** Until the test has ended, the silence after which a stream counts as lost lasts only so long. */
export function withSilenceOf(t: TestContext, short: number): void {
  replace(t, (milliseconds) => (milliseconds === 45_000 ? short : milliseconds));
}

function replace(t: TestContext, lasts: (milliseconds: number) => number): void {
  globalThis.setTimeout = ((work: () => void, milliseconds: number, ...rest: []) =>
    set(work, lasts(milliseconds), ...rest)) as typeof setTimeout;
  t.after(() => {
    globalThis.setTimeout = set;
  });
}

/** The timers of so many milliseconds that are set, and have not been cleared, until the test has ended. */
export function timersOf(t: TestContext, milliseconds: number): Set<unknown> {
  const left = new Set<unknown>();
  const clear = globalThis.clearTimeout;
  globalThis.setTimeout = ((work: () => void, time: number, ...rest: []) => {
    const timer = set(work, time, ...rest);
    if (time === milliseconds) {
      left.add(timer);
    }
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer: NodeJS.Timeout) => {
    left.delete(timer);
    clear(timer);
  }) as typeof clearTimeout;
  t.after(() => {
    globalThis.setTimeout = set;
    globalThis.clearTimeout = clear;
  });
  return left;
}

/** From now on pauses last as long as they do. */
export function withPauses(): void {
  globalThis.setTimeout = set;
}
