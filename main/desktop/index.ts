import { startDesktop } from './application.ts';

// No top-level await: Electron takes its schemes and its sandbox only before it is ready.
void startDesktop();
