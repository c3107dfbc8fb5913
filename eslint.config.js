import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { namesRule } from './lint/names-rule.js';
import { roomsRule } from './lint/rooms-rule.js';

/** The project's own rules. */
const castwatch = { rules: { rooms: roomsRule, names: namesRule } };

/** `stream/` is a library of its own: others see what its index exports, and nothing else. */
const streamDoor = {
  regex: '^(\\.\\./)+stream/(?!index\\.ts$)',
  message: 'Import from stream/index.ts: it is the only door to stream/.',
};

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      '.castwatch',
      'schemas/generated',
      'gateway/console/vendor',
      'bench/peers/**/target',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
  { files: ['cli/**/*.ts', '**/*.mjs'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    plugins: { castwatch },
    rules: { 'castwatch/rooms': 'error' },
  },
  {
    files: ['**/*.ts'],
    // Tests are not compared, and a declaration file repeats the names of its module.
    ignores: ['test/**', '**/*.d.ts'],
    plugins: { castwatch },
    rules: { 'castwatch/names': 'error' },
  },
  {
    files: ['**/*.ts'],
    // The tests of stream/ itself, in memory and on a real Kafka, look inside.
    ignores: [
      'stream/**',
      'test/stream/**',
      'test/integration/kafka-*.test.ts',
      'test/integration/stream-kafka.test.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { patterns: [streamDoor] }] },
  },
  {
    files: ['base/**/*.ts'],
    // Files of base/ run in worker threads and browsers too. They pass on two leaves of stream/, without the Kafka client.
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ ...streamDoor, regex: '^(\\.\\./)+stream/(?!(index|errors|retry)\\.ts$)' }] },
      ],
    },
  },
);
