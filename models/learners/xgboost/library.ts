/**
 * Binds the functions of the native XGBoost library's C API that training needs, with koffi. The library is part of
 * Maven Central's `xgboost4j` artifact and is stored with the other fetched parts. All calls block, so only the
 * trainer's process imports this file.
 *
 * On Linux, `dlmopen` opens the library in a separate name space. Opened the usual way, it binds to the C++ library
 * symbols that the Node 24 executable exports. Another compiler built these, and the first call crashes. `dlmopen`
 * loads a second C library, whose thread-local tables exist only for the thread that opened it. So open and use the
 * library on one thread, once per process.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { messageOf } from '../../../base/text.ts';
import { CastwatchError } from '../../../base/errors.ts';

export type Handle = bigint;

/** The C functions. A status other than 0 means failure, see {@link checkStatus}. */
export interface XgboostLibrary {
  readonly lastError: () => string;
  readonly matrixCreate: (
    data: Float32Array,
    rows: number,
    columns: number,
    missing: number,
    out: OutHandle,
  ) => number;
  readonly matrixSetFloats: (matrix: Handle, field: string, values: Float32Array, length: number) => number;
  readonly matrixFree: (matrix: Handle) => number;
  readonly boosterCreate: (matrices: readonly Handle[], count: number, out: OutHandle) => number;
  readonly boosterSetParam: (booster: Handle, name: string, value: string) => number;
  readonly boosterUpdate: (booster: Handle, iteration: number, matrix: Handle) => number;
  readonly boosterPredict: (
    booster: Handle,
    matrix: Handle,
    options: string,
    shape: OutHandle,
    dimensions: [number | bigint | null],
    out: OutHandle,
  ) => number;
  readonly boosterSave: (
    booster: Handle,
    options: string,
    length: [number | bigint | null],
    out: OutHandle,
  ) => number;
  readonly boosterFree: (booster: Handle) => number;
}

export type OutHandle = [Handle | null];

const files: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libxgboost4j.so',
  darwin: 'libxgboost4j.dylib',
  win32: 'xgboost4j.dll',
};

/**
 * The library's file: where the set-up puts it below the project's folder, or the one that `CASTWATCH_XGBOOST` names.
 */
export function libraryPath(): string {
  const file = files[process.platform] ?? 'libxgboost4j.so';
  return (
    process.env['CASTWATCH_XGBOOST'] ?? join(import.meta.dirname, '../../../.castwatch/parts/xgboost', file)
  );
}

/** @throws CastwatchError ENVIRONMENT when the library, or the OpenMP runtime that it needs, is missing */
export function loadLibrary(path: string = libraryPath()): XgboostLibrary {
  if (!existsSync(path)) {
    throw new CastwatchError('ENVIRONMENT', `the XGBoost library is not at ${path}`, {
      remedy:
        'Run `node local/setup.mjs --with-test-parts` to fetch it, or set CASTWATCH_XGBOOST to its path.',
    });
  }
  // OpenMP threads otherwise spin between calls. Training uses one thread per process.
  process.env['OMP_WAIT_POLICY'] = 'PASSIVE';
  const open = process.platform === 'linux' ? openIsolated(path) : openPlain(path);
  return Object.fromEntries(
    Object.entries(prototypes).map(([name, prototype]) => [name, open(prototype)]),
  ) as unknown as XgboostLibrary;
}

const prototypes = {
  lastError: 'const char *XGBGetLastError()',
  matrixCreate:
    'int XGDMatrixCreateFromMat(const float *data, uint64_t rows, uint64_t columns, float missing, _Out_ void **out)',
  matrixSetFloats:
    'int XGDMatrixSetFloatInfo(void *matrix, const char *field, const float *values, uint64_t length)',
  matrixFree: 'int XGDMatrixFree(void *matrix)',
  boosterCreate: 'int XGBoosterCreate(void **matrices, uint64_t count, _Out_ void **out)',
  boosterSetParam: 'int XGBoosterSetParam(void *booster, const char *name, const char *value)',
  boosterUpdate: 'int XGBoosterUpdateOneIter(void *booster, int iteration, void *matrix)',
  boosterPredict:
    'int XGBoosterPredictFromDMatrix(void *booster, void *matrix, const char *options, _Out_ void **shape, _Out_ uint64_t *dimensions, _Out_ void **out)',
  boosterSave:
    'int XGBoosterSaveModelToBuffer(void *booster, const char *options, _Out_ uint64_t *length, _Out_ void **out)',
  boosterFree: 'int XGBoosterFree(void *booster)',
} satisfies Record<keyof XgboostLibrary, string>;

type Open = (prototype: string) => unknown;

function openPlain(path: string): Open {
  try {
    const library = koffi.load(path);
    return (prototype) => library.func(prototype);
  } catch (cause) {
    throw notLoaded(path, cause);
  }
}

function openIsolated(path: string): Open {
  const loader = koffi.load('libdl.so.2');
  const dlmopen = loader.func('void *dlmopen(long space, const char *file, int flags)');
  const dlsym = loader.func('void *dlsym(void *library, const char *name)');
  const dlerror = loader.func('const char *dlerror()');
  const [newSpace, now] = [-1, 2];
  const library = dlmopen(newSpace, path, now) as Handle | null;
  if (library === null) throw notLoaded(path, new Error(String(dlerror())));
  return (prototype) => {
    const name = /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
    const symbol = dlsym(library, name) as Handle | null;
    if (symbol === null) throw notLoaded(path, new Error(`it has no ${name}`));
    return koffi.decode(symbol, koffi.proto(prototype)) as unknown;
  };
}

function notLoaded(path: string, cause: unknown): CastwatchError {
  const openMp = cause instanceof Error && cause.message.includes('libgomp');
  const message = messageOf(cause);
  return new CastwatchError('ENVIRONMENT', `the XGBoost library ${path} cannot be loaded: ${message}`, {
    cause,
    remedy: openMp
      ? 'Install the OpenMP runtime libgomp1 (Debian: `apt-get install libgomp1`).'
      : 'Delete it and run `node local/setup.mjs --with-test-parts` again.',
  });
}

/** @throws Error with the library's message when `status` is not 0 */
export function checkStatus(library: XgboostLibrary, status: number, doing: string): void {
  if (status !== 0) throw new Error(`XGBoost, ${doing}: ${library.lastError()}`);
}

/** @throws Error as {@link checkStatus}, or when the library left the handle empty */
export function handleOf(library: XgboostLibrary, status: number, out: OutHandle, doing: string): Handle {
  checkStatus(library, status, doing);
  if (out[0] === null) throw new Error(`XGBoost, ${doing}: no handle came back`);
  return out[0];
}

/** Copies `count` floats from the library's memory. */
export function floatsAt(pointer: Handle, count: number): Float32Array {
  return new Float32Array(koffi.view(pointer, count * 4).slice(0));
}

/** Decodes `length` bytes of UTF-8 in the library's memory. */
export function textAt(pointer: Handle, length: number): string {
  return new TextDecoder().decode(koffi.view(pointer, length));
}
