import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Another place for those who build beside a workbench that is running from `out`. */
const out = process.env.FILIGREE_OUT ?? 'out';

/**
 * Packages with machine code in them: not bundled but looked up at run time, in node_modules of the checkout or of the
 * package (see electron-builder.yml). Everything else becomes part of the bundle, so nothing else has to be packaged.
 */
const native = ['better-sqlite3', 'sharp', 'onnxruntime-node', '@tensorflow/tfjs-node-gpu', 'webgpu'];

/** The licences of what is bundled lie beside the bundle, as they ask for. */
const license = { fileName: 'licenses.md' };

export default defineConfig({
  // The host code as a bundle, for a packaged application. All files in one folder at the depth of their sources, so
  // that paths relative to import.meta.url (resources, package.json) are the same from source and from the bundle.
  main: {
    // Its edition for Node declares a `require`, as electron-vite does in modules; both unpack in memory alike.
    resolve: { alias: { fflate: 'fflate/browser' } },
    build: {
      outDir: `${out}/main`,
      license,
      externalizeDeps: false,
      rollupOptions: {
        external: native,
        input: {
          desktop: 'main/desktop/index.ts',
          cli: 'main/cli/index.ts',
          trainer: 'main/training/process.ts',
          task: 'main/app/task-process.ts',
          'verify-tensorflow': 'main/backends/tensorflow/setup/verify-process.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  },
  // Run in the sandboxes of windows, which take one CommonJS file each.
  preload: {
    build: {
      outDir: `${out}/preload`,
      rollupOptions: {
        input: { index: 'main/desktop/preload.ts', gpu: 'main/desktop/gpu-preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  // The window: the same bundle in Electron and in a browser, so every path in it is relative.
  renderer: {
    root: at('renderer'),
    base: './',
    plugins: [vue()],
    build: {
      outDir: at(`${out}/renderer`),
      license,
      target: 'es2023',
      // Inlined files would need data: URLs in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
      // The workbench, and the page without a face that computes on Chromium's GPU.
      rollupOptions: { input: { index: at('renderer/index.html'), gpu: at('renderer/gpu/index.html') } },
    },
    worker: { format: 'es' },
  },
});
