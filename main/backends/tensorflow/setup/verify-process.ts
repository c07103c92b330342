// `verify-process ADDON`: verifies in a process that may crash. Prints what it found, or why it failed, as a line of JSON.
import { verify } from './verify.ts';

try {
  answer({ verified: await verify(process.argv[2]) });
} catch (error) {
  answer({ failure: (error as Error).message });
}

/** On a line of its own, whatever the libraries print. */
function answer(found: object): void {
  process.stdout.write(`\n${JSON.stringify(found)}\n`);
}
