/** What a scheduler needs from a browser; tests pass their own. */
export interface FrameClock {
  requestFrame(callback: () => void): void;
  setTimer(callback: () => void, ms: number): void;
  now(): number;
  isHidden(): boolean;
}

/** A chart's place in the schedule. */
export interface ScheduledChart {
  /** New data: redraw within half a second. */
  request(): void;
  /** The user did something: redraw in the next frame. */
  requestNow(): void;
  /** Invisible charts are not drawn; they catch up when they come into view. */
  setVisible(visible: boolean): void;
  dispose(): void;
}

interface Entry {
  update: () => void;
  visible: boolean;
  dirty: boolean;
  lastUpdate: number;
}

/** Live data may redraw a chart this often, milliseconds. */
const minIntervalMs = 500;

/**
 * Redraws charts so that no frame is long however many of them get data at once: visible ones only, longest waiting
 * first, one per animation frame (the browser paints a canvas after the frame's scripts, so their time says little),
 * and nothing at all in a hidden window.
 */
export class ChartScheduler {
  readonly #clock: FrameClock;
  readonly #charts = new Set<Entry>();
  #isFrameDue = false;
  #timerAt = Infinity;

  constructor(clock: FrameClock) {
    this.#clock = clock;
  }

  add(update: () => void): ScheduledChart {
    const entry: Entry = { update, visible: false, dirty: false, lastUpdate: -Infinity };
    this.#charts.add(entry);
    const mark = (lastUpdate: number) => {
      entry.dirty = true;
      entry.lastUpdate = lastUpdate;
      this.wake();
    };
    return {
      request: () => mark(entry.lastUpdate),
      requestNow: () => mark(-Infinity),
      setVisible: (visible) => {
        entry.visible = visible;
        if (visible) this.wake();
      },
      dispose: () => void this.#charts.delete(entry),
    };
  }

  /** Looks for work: after a request, when a chart comes into view, and when a hidden window is shown again. */
  wake(): void {
    if (this.#isFrameDue || this.#clock.isHidden()) return;
    const waiting = this.#waiting();
    if (waiting.length === 0) return;
    const wait = waiting[0].lastUpdate + minIntervalMs - this.#clock.now();
    if (wait <= 0) {
      this.#isFrameDue = true;
      this.#clock.requestFrame(() => this.#drawFrame());
    } else {
      const at = this.#clock.now() + wait;
      if (this.#timerAt <= at) return;
      this.#timerAt = at;
      this.#clock.setTimer(() => {
        this.#timerAt = Infinity;
        this.wake();
      }, wait);
    }
  }

  /** Dirty visible charts, longest waiting first. */
  #waiting(): Entry[] {
    return [...this.#charts]
      .filter((chart) => chart.visible && chart.dirty)
      .sort((a, b) => a.lastUpdate - b.lastUpdate);
  }

  #drawFrame(): void {
    this.#isFrameDue = false;
    const now = this.#clock.now();
    const [chart] = this.#waiting();
    if (chart && now - chart.lastUpdate >= minIntervalMs) {
      chart.dirty = false;
      chart.lastUpdate = now;
      chart.update();
    }
    this.wake();
  }
}

/** The window's scheduler, shared by all its charts. */
export function windowScheduler(): ChartScheduler {
  if (!shared) {
    const scheduler = new ChartScheduler({
      requestFrame: (callback) => requestAnimationFrame(callback),
      setTimer: (callback, ms) => setTimeout(callback, ms),
      now: () => performance.now(),
      isHidden: () => document.hidden,
    });
    document.addEventListener('visibilitychange', () => scheduler.wake());
    shared = scheduler;
  }
  return shared;
}

let shared: ChartScheduler | undefined;
