import { ref, type Ref } from 'vue';

export interface ConfirmOptions {
  title: string;
  text: string;
  /** The verb on the button, "Delete 3 runs". */
  action: string;
  danger?: boolean;
}

/** The question that `ConfirmDialog` shows. */
export const question: Ref<(ConfirmOptions & { answer(yes: boolean): void }) | undefined> = ref();

/** Asks before something that cannot be undone. @returns whether the user agreed */
export function confirm(options: ConfirmOptions): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...options,
      answer(yes) {
        question.value = undefined;
        resolve(yes);
      },
    };
  });
}
