import { beforeEach, describe, expect, it } from 'vitest';
import { confirm, question } from '../../../../renderer/ui/confirm.ts';
import { dismissToast, toast, toasts } from '../../../../renderer/ui/toast.ts';

const texts = () => toasts.value.map(({ text }) => text);

describe('toast', () => {
  beforeEach(() => toasts.value.forEach(({ id }) => dismissToast(id)));

  it('keeps the newest four', () => {
    for (const text of ['1', '2', '3', '4', '5']) toast({ text });
    expect(texts()).toEqual(['2', '3', '4', '5']);
  });

  it('says the same thing only once', () => {
    toast({ text: 'Not reachable' });
    toast({ text: 'Other' });
    toast({ text: 'Not reachable' });
    expect(texts()).toEqual(['Other', 'Not reachable']);
  });

  it('gives errors and choices more time', () => {
    toast({ text: 'short' });
    toast({ text: 'bad', tone: 'bad' });
    toast({ text: 'choice', action: { label: 'Undo', run: () => {} } });
    const [short, bad, choice] = toasts.value.map(({ duration }) => duration);
    expect(bad).toBeGreaterThan(short);
    expect(choice).toBeGreaterThan(short);
  });
});

describe('confirm', () => {
  const options = { title: 'Delete?', text: 'For good.', action: 'Delete' };

  it('answers what the user chose and takes the question away', async () => {
    const answer = confirm(options);
    question.value!.answer(true);
    expect(await answer).toBe(true);
    expect(question.value).toBeUndefined();
  });

  it('a second question is a no to the first', async () => {
    const first = confirm(options);
    const second = confirm(options);
    expect(await first).toBe(false);
    question.value!.answer(true);
    expect(await second).toBe(true);
  });
});
