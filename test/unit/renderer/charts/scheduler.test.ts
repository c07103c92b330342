import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ChartScheduler, type FrameClock } from '../../../../renderer/charts/scheduler.ts';

/** A browser whose frames and timers come when the test says so. */
class FakeBrowser implements FrameClock {
  ms = 10_000;
  hidden = false;
  frames: (() => void)[] = [];
  timers: { at: number; run: () => void }[] = [];
  requestFrame(callback: () => void): void {
    this.frames.push(callback);
  }
  setTimer(run: () => void, ms: number): void {
    this.timers.push({ at: this.ms + ms, run });
  }
  now(): number {
    return this.ms;
  }
  isHidden(): boolean {
    return this.hidden;
  }
  /** One frame of a 60 Hz display. */
  frame(): void {
    this.ms += 16;
    for (const timer of this.timers.filter(({ at }) => at <= this.ms)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.run();
    }
    for (const callback of this.frames.splice(0)) callback();
  }
  run(ms: number): void {
    for (const end = this.ms + ms; this.ms < end;) this.frame();
  }
}

let browser: FakeBrowser;
let scheduler: ChartScheduler;
beforeEach(() => {
  browser = new FakeBrowser();
  scheduler = new ChartScheduler(browser);
});

function chart(visible = true) {
  const update = vi.fn();
  const scheduled = scheduler.add(update);
  scheduled.setVisible(visible);
  return { update, ...scheduled };
}

describe('ChartScheduler', () => {
  it('draws one chart per frame, however many ask at once', () => {
    const charts = Array.from({ length: 24 }, () => chart());
    for (const { request } of charts) request();
    for (let frame = 1; frame <= 24; frame++) {
      browser.frame();
      expect(charts.filter(({ update }) => update.mock.calls.length > 0)).toHaveLength(frame);
    }
  });

  it('draws a chart at most twice a second, and its last data in the end', () => {
    const { update, request } = chart();
    for (let i = 0; i < 100; i++) {
      request();
      browser.run(32);
    }
    expect(update.mock.calls.length).toBeGreaterThanOrEqual(6);
    expect(update.mock.calls.length).toBeLessThanOrEqual(8);
    const before = update.mock.calls.length;
    request();
    browser.run(600);
    expect(update.mock.calls.length).toBeGreaterThan(before);
    const end = update.mock.calls.length;
    browser.run(2000);
    expect(update.mock.calls.length).toBe(end);
  });

  it('keeps all of 24 live charts at about two updates a second', () => {
    const charts = Array.from({ length: 24 }, () => chart());
    for (let i = 0; i < 40; i++) {
      for (const { request } of charts) request();
      browser.run(250);
    }
    for (const { update } of charts) expect(update.mock.calls.length).toBeGreaterThan(15);
  });

  it('answers the user in the next frame', () => {
    const { update, request, requestNow } = chart();
    request();
    browser.frame();
    requestNow();
    browser.frame();
    expect(update).toHaveBeenCalledTimes(2);
  });

  it('leaves charts out of sight alone until they come into view', () => {
    const { update, request, setVisible } = chart(false);
    request();
    browser.run(1000);
    expect(update).not.toHaveBeenCalled();
    setVisible(true);
    browser.frame();
    expect(update).toHaveBeenCalledOnce();
  });

  it('rests in a hidden window and catches up when it is shown', () => {
    const { update, request } = chart();
    browser.hidden = true;
    request();
    browser.run(1000);
    expect(update).not.toHaveBeenCalled();
    browser.hidden = false;
    scheduler.wake();
    browser.frame();
    expect(update).toHaveBeenCalledOnce();
  });

  it('asks for no frames while there is nothing to draw', () => {
    const { request } = chart();
    request();
    browser.run(1000);
    expect(browser.frames).toHaveLength(0);
    expect(browser.timers).toHaveLength(0);
  });

  it('forgets a disposed chart', () => {
    const { update, request, dispose } = chart();
    request();
    dispose();
    browser.run(1000);
    expect(update).not.toHaveBeenCalled();
  });
});
