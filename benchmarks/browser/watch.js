/**
 * What a page notes of itself while it is measured: `window.watch`, there before anything else of the page. It finds what
 * is shown by the component's public parts, and looks only while somebody waits for something.
 */
(() => {
  const waiting = new Set();
  const observer = new MutationObserver(() => {
    for (const look of waiting) look();
  });

  const longTasks = [];
  const noteLongTasks = entries => longTasks.push(...entries.map(({ duration }) => duration));
  const tasks = new PerformanceObserver(list => noteLongTasks(list.getEntries()));

  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    if (this.localName === "openai-chatkit") {
      watch.root = root;
      observer.observe(root, { subtree: true, childList: true, characterData: true });
    }
    return root;
  };

  /**
   * The task after the next frame was made: by then the page has painted what is in the document now. What was changed
   * while a frame was being made was painted in that one, so that this is a frame too late rather than too early.
   */
  const afterFrame = () =>
    new Promise(resolve => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      });
    });

  const parts = name => [...(watch.root?.querySelectorAll(`[part~="${name}"]`) ?? [])];

  const watch = {
    root: null,
    /** When a key was pressed last: when the browser had it, not when the page did. */
    pressed: 0,

    first: part => parts(part)[0],
    last: part => parts(part).at(-1),

    /** When the last of these parts says this: in the document, and painted. */
    async said(part, text) {
      const drawn = await new Promise(resolve => {
        const look = () => {
          if (!watch.last(part)?.textContent.includes(text)) return;
          waiting.delete(look);
          resolve(performance.now());
        };
        waiting.add(look);
        look();
      });
      return { drawn, painted: await afterFrame() };
    },

    /** The times of all frames from now on, until `endFrames` has them. */
    beginFrames() {
      const times = [];
      watch.frames = times;
      const frame = time => {
        times.push(time);
        if (watch.frames === times) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    },
    endFrames() {
      const times = watch.frames;
      watch.frames = null;
      return times;
    },

    /** The milliseconds of each task of more than 50 ms since this was asked last. */
    takeLongTasks() {
      noteLongTasks(tasks.takeRecords());
      return longTasks.splice(0);
    },

    /** How many elements are shown, those of the component. */
    elements: () => watch.root.querySelectorAll("*").length,
  };

  addEventListener("keydown", event => (watch.pressed = event.timeStamp), { capture: true });
  tasks.observe({ type: "longtask" });
  window.watch = watch;
})();
