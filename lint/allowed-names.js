/** Which names may repeat in the product, and why. `exported-names.js` reads these lists. */

/** Exported names that two modules may both declare, each with the reason. */
export const repeatedExports = {
  Signal: 'schemas/generated/types.ts takes its names from the schemas; stream/ is a library of its own',
};

/** Files whose base name may occur again elsewhere, each with the reason. */
export const repeatedFiles = [
  { files: /^stream\//, why: 'a library of its own; names within it are still compared with each other' },
  { files: /^processors\/[a-z-]+\/(step|state)\.ts$/, why: 'every step has these two' },
  { files: /^sources\/([a-z-]+\/)?kind\.ts$/, why: 'what a kind of source is, and each kind’s entry' },
  { files: /^(gateway|grafana|schemas\/generate)\/generate\.ts$/, why: 'what `npm run generate` calls' },
  { files: /^cli\/commands\//, why: 'named after the command' },
  { files: /^roles\/(process|sink|gateway|source|retrainer)\.ts$/, why: 'named after the role' },
  {
    files: /^bench\/(benchmarks|contenders|chaos\/faults)\//,
    why: 'named after the benchmark, contender or fault',
  },
  { files: /^sinks\/timescale\/(tables|queries)\//, why: 'named after the topic or the question' },
];
