#!/usr/bin/env node
// The `filigree` command of an installed checkout (npm link): the same as `npm run filigree`.
process.argv.splice(2, 0, 'filigree');
await import('./run.mjs');
