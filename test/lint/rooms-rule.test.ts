/** The lint rule holds imports to `lint/layers.js`: tried on single files with the project's real list of rooms. */
import { join } from 'node:path';
import { Linter } from 'eslint';
