#!/usr/bin/env node
/** Starts the command line. It runs on any Node, to say which one is needed; older ones cannot read TypeScript. */
const needed = 24;

const major = Number.parseInt(process.versions.node, 10);
if (major >= needed) await import('./castwatch.ts');
else {
  process.stderr.write(
    `castwatch: this is Node ${process.versions.node}; Castwatch needs Node ${needed}, which it installs into node_modules.\n` +
      '  Run `npm start`, or `node local/setup.mjs`, once. After that `npm run castwatch` uses the installed Node.\n',
  );
  process.exitCode = 69;
}
