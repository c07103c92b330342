// Preloaded into helper processes by tests of downloads: the published mirrors become a server on this machine.
const target = process.env.FILIGREE_TEST_MIRROR;
const fetchThere = globalThis.fetch;
globalThis.fetch = (url, options) => fetchThere(`${target}${new URL(url).pathname}`, options);
