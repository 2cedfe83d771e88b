/** Moments to wait for. */

/** The next frame; in a page that nobody sees, where there is none, a moment. */
export function nextFrame(): Promise<void> {
  return new Promise(resolve => {
    const id = requestAnimationFrame(() => done());
    const timer = setTimeout(() => done(), 120);
    const done = (): void => {
      cancelAnimationFrame(id);
      clearTimeout(timer);
      resolve();
    };
  });
}

export function moment(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** What is promised, unless the signal comes first: a page's own functions need not heed it. Throws its reason. */
export async function until<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
