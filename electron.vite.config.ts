import { defineConfig } from 'electron-vite';

// The host code as a bundle, for a packaged application. All files in one folder at the depth of their sources, so
// that paths relative to import.meta.url (resources, package.json) are the same from source and from the bundle.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { cli: 'main/cli/index.ts', trainer: 'main/training/process.ts' },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  },
});
