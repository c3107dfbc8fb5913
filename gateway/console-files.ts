/**
 * Serves the files of the console: TypeScript whose types are stripped at start, and uPlot from its package. There is no
 * build step, and no file comes from another server. The Socket.IO server serves its own client.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { Router } from 'express';

interface StaticFile {
  readonly type: string;
  readonly body: string;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Folders whose files browsers may read; each is served under its own name. */
const folders = ['console', 'shared'] as const;
/** Of the rest of the project, only what imports nothing of Node's; served under the same paths as here. */
const alsoRead = ['base/text.ts', 'stream/errors.ts'] as const;

/** Reads all files once. A browser checks them at each visit and mostly gets "not modified". */
export async function consoleFiles(): Promise<Router> {
  const files = new Map<string, StaticFile>();
  for (const folder of folders) {
    const at = join(import.meta.dirname, folder);
    for (const name of await readdir(at)) {
      if (name.endsWith('.d.ts') || types[extname(name)] === undefined) continue;
      files.set(`/${folder}/${name}`, await staticFile(join(at, name)));
    }
  }
  for (const path of alsoRead) files.set(`/${path}`, await staticFile(join(import.meta.dirname, '..', path)));
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  files.set('/vendor/uplot.js', await staticFile(join(uplot, 'uPlot.esm.js')));
  files.set('/vendor/uplot.css', await staticFile(join(uplot, 'uPlot.min.css')));
  const index = files.get('/console/index.html');
  if (index !== undefined) files.set('/', index);

  const router = Router();
  router.get([...files.keys()], (request, response) => {
    const file = files.get(request.path);
    if (file === undefined) {
      response.sendStatus(404);
      return;
    }
    response.set({ 'Cache-Control': 'no-cache', ETag: file.etag, 'Content-Type': file.type });
    if (request.fresh) response.status(304).end();
    else response.send(file.body);
  });
  return router;
}

async function staticFile(path: string): Promise<StaticFile> {
  const text = await readFile(path, 'utf8');
  const body = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type: types[extname(path)] ?? 'application/octet-stream', body, etag };
}
