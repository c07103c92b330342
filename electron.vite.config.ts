import { defineConfig } from 'electron-vite';

// The host code as a bundle: what a packaged application runs, on Electron's or any other Node.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { cli: 'main/cli/index.ts', trainer: 'main/training/process.ts' },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
      },
    },
  },
});
