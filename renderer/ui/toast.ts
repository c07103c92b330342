import { ref, type DeepReadonly, type Ref } from 'vue';

export interface ToastOptions {
  text: string;
  tone?: 'neutral' | 'good' | 'bad';
  action?: { label: string; run(): unknown };
  /** Milliseconds until it goes by itself; errors and toasts with an action stay longer. */
  duration?: number;
}

export interface Toast extends ToastOptions {
  id: number;
  tone: 'neutral' | 'good' | 'bad';
  duration: number;
}

/** More would cover the view; older ones go first. */
const limit = 4;
const shown = ref<Toast[]>([]);
let nextId = 1;

/** What `ToastArea` shows, oldest first. */
export const toasts: DeepReadonly<Ref<Toast[]>> = shown;

/** Says something in the corner of the window. @returns the id with which it can be dismissed */
export function toast(options: ToastOptions): number {
  const { tone = 'neutral' } = options;
  const duration = options.duration ?? (tone === 'bad' || options.action ? 8000 : 4000);
  // The same sentence twice, e.g. from a call that is tried again, is one toast.
  const others = shown.value.filter((other) => other.text !== options.text);
  const id = nextId++;
  shown.value = [...others, { ...options, id, tone, duration }].slice(-limit);
  return id;
}

export function dismissToast(id: number): void {
  shown.value = shown.value.filter((other) => other.id !== id);
}
