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
