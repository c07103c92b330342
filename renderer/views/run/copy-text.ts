import { toast } from '../../ui/toast.ts';

/** Puts text on the clipboard and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: said, tone: 'good' });
  } catch {
    // Browsers refuse on pages that are neither on this machine nor encrypted.
    toast({ text: 'The browser did not allow copying; select the text and copy it by hand.', tone: 'bad' });
  }
}
