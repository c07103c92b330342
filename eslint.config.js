import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import ts from 'typescript-eslint';

/** What the application is made of, below its shells. */
const parts = [
  'training',
  'store',
  'archive',
  'report',
  'inference',
  'exporters',
  'methods',
  'models',
  'datasets',
  'backends',
  'topology',
  'flops',
];

// Who may import whom (dependencies point one way: renderer -> shared <- main). A folder of `main` may import
// itself, `shared`, and what is listed here; any other arrow fails the build.
const allowed = {
  models: ['backends/backend.ts'],
  backends: ['models', 'store/atomic-write.ts'],
  topology: ['models', 'backends/backend.ts'],
  flops: ['models', 'backends/backend.ts', 'methods/method.ts'],
  datasets: ['models', 'backends/backend.ts', 'store/atomic-write.ts'],
  methods: ['models', 'backends/backend.ts', 'topology', 'training/schedule.ts'],
  store: [],
  archive: ['store', 'training', 'models', 'topology', 'backends/backend.ts'],
  inference: ['models', 'backends', 'topology', 'exporters'],
  report: [],
  exporters: ['models', 'backends', 'topology', 'store/atomic-write.ts'],
  training: ['methods', 'models', 'datasets', 'backends', 'topology', 'flops', 'store/atomic-write.ts'],
  app: parts,
  web: ['app', 'store/atomic-write.ts'],
  desktop: ['app', 'backends/webgpu/gpu-request.ts'],
  cli: ['app', 'web', ...parts],
};

const folders = Object.keys(allowed).join('|');
const escape = (text) => text.replaceAll('.', '\\.');
const electron = { name: 'electron', message: 'only main/desktop may import electron' };

/** Forbids relative imports that leave the file's folder for a place matching `regex`. */
const boundary = (files, regex, message, paths = [electron]) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { paths, patterns: [{ regex, message }] }] },
});

const boundaries = [
  boundary(['shared/**'], '^(\\.\\./)+(main|renderer)/', 'shared imports nothing of main or the window'),
  boundary(['renderer/**'], '^(\\.\\./)+main/', 'the window sees only shared'),
  // The page that computes on Chromium's GPU is a part of an engine that happens to run in a window.
  boundary(
    ['renderer/gpu/**'],
    '^(\\.\\./)+main/(?!backends/)',
    'of main the page of the GPU sees only engines',
  ),
  ...Object.entries(allowed).map(([folder, others]) => {
    const fine = others.map((path) => (path.endsWith('.ts') ? `${escape(path)}$` : `${path}/`));
    const except = fine.length > 0 ? `(?!${fine.join('|')})` : '';
    const message = `main/${folder} may import only ${['shared', ...others].join(', ')}`;
    const paths = folder === 'desktop' ? [] : [electron];
    return boundary([`main/${folder}/**`], `^(\\.\\./)+${except}(${folders}|renderer)/`, message, paths);
  }),
];

export default ts.config(
  { ignores: ['node_modules', 'out', 'build', 'resources', 'test/bench/results'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    // TypeScript knows the browser's globals; the compiler, not the linter, finds undefined names.
    files: ['renderer/**'],
    rules: { 'no-undef': 'off', 'vue/multi-word-component-names': 'off', 'vue/require-default-prop': 'off' },
  },
  ...boundaries,
  {
    files: ['**/*.mjs', '*.config.ts', 'eslint.config.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'fetch', 'AbortSignal'].map((name) => [name, 'readonly']),
      ),
    },
  },
  prettier,
);
