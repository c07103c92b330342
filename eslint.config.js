import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';

// Who may import whom (dependencies point one way: renderer -> shared <- main). A folder of `main` may import
// itself, `shared`, and what is listed here; any other arrow fails the build.
const allowed = {
  models: ['backends/backend.ts'],
  backends: ['models'],
  topology: ['models', 'backends/backend.ts'],
  flops: ['models', 'backends/backend.ts', 'methods/method.ts'],
  datasets: ['models', 'backends/backend.ts', 'store/atomic-write.ts'],
  methods: ['models', 'backends/backend.ts', 'topology', 'training/schedule.ts'],
  store: [],
  exporters: ['models', 'store/atomic-write.ts'],
  training: ['methods', 'models', 'datasets', 'backends', 'topology', 'flops', 'store/atomic-write.ts'],
  app: ['training', 'store', 'exporters', 'methods', 'models', 'datasets', 'backends', 'topology', 'flops'],
  cli: [
    'app',
    'training',
    'store',
    'exporters',
    'methods',
    'models',
    'datasets',
    'backends',
    'topology',
    'flops',
  ],
};

const zones = [
  { target: './shared', from: ['./main', './renderer'], message: 'shared imports nothing but zod' },
  { target: './renderer', from: './main', message: 'the window sees only shared' },
  ...Object.entries(allowed).map(([folder, others]) => ({
    target: `./main/${folder}`,
    from: './main',
    except: [`./${folder}`, ...others.map((path) => `./${path}`)],
    message: `main/${folder} may import only ${['shared', ...others].join(', ')}`,
  })),
  // A method works through the Network interface; a backend never knows which method runs on it.
  { target: './main/!(desktop)/**', from: './main/desktop', message: 'nothing depends on a shell' },
];

export default ts.config(
  { ignores: ['node_modules', 'out', 'build', 'resources', 'test/bench/results'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js', '.mjs'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'electron', message: 'only main/desktop may import electron' }] },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.mjs', '*.config.ts', 'eslint.config.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  prettier,
);
