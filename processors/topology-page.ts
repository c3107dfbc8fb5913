/** Writes docs/generated/topology.md from the topology, or checks that it is up to date. */
import { onGapOf } from '../stream/index.ts';
import { avroTopicIds, topics, writersOf, type TopicEntry, type TopicId } from '../schemas/catalogue.ts';
import { updateFiles, type GenerateReport } from '../schemas/generate/generated-files.ts';
import { generatedMark, markdownTable } from '../schemas/generate/pages.ts';
import { entries, stepNames, stepsReading, stepsWriting } from './topology.ts';
import { chained } from './wiring.ts';

export const generateTopologyPage = ({
  check = false,
}: { readonly check?: boolean } = {}): Promise<GenerateReport> =>
  updateFiles(new Map([['docs/generated/topology.md', topologyPage()]]), check);

export function topologyPage(): string {
  return `${[
    '# Topology',
    generatedMark,
    'The steps and the topics between them. A process that runs all steps of one box runs them in one task and one transaction. Dotted arrows are tables: a step reads them to their end before it reads its streams. Dashed topics have no table in the database.',
    `\`\`\`mermaid\n${picture().join('\n')}\n\`\`\``,
    '## Steps',
    'A step’s name is its name in consumer groups, transactional ids, record headers and dead letters. The runtime commits a chain as often as its fastest step. Each step may also write dead letters.',
    stepTable(),
    '## Topics',
    'All topics with schemas: who writes and reads them, and whether the sink stores them. [topics.md](topics.md) says how long Kafka keeps the records.',
    topicTable(),
  ].join('\n\n')}\n`;
}

/** The prefix keeps topics apart from steps of the same name. */
const idOf = (topic: TopicId): string => `topic_${topic}`;
const named = (topic: TopicId): string => `\`${topics[topic].name}\``;
const listed = (all: readonly string[]): string => (all.length === 0 ? '–' : all.join(', '));

function picture(): string[] {
  const shown = avroTopicIds.filter((id) => stepsReading(id).length + stepsWriting(id).length > 0);
  const unstored = shown.filter((id) => topics[id].stored !== true);
  return [
    'flowchart LR',
    ...shown.map((id) => `  ${idOf(id)}[(${topics[id].name})]`),
    ...chained(stepNames).flatMap((chain) =>
      chain.length === 1
        ? chain.map((step) => `  ${step}`)
        : [
            `  subgraph ${chain.join('_')}["one transaction"]`,
            ...chain.map((step) => `    ${step}`),
            '  end',
          ],
    ),
    ...stepNames.flatMap((step) => [
      ...Object.values(entries[step].inputs).map(
        ({ topic, role }) => `  ${idOf(topic)} ${role === 'table' ? '-.->' : '-->'} ${step}`,
      ),
      ...Object.values(entries[step].outputs).map((topic) => `  ${step} --> ${idOf(topic)}`),
    ]),
    '  classDef unstored stroke-dasharray: 4',
    `  class ${unstored.map(idOf).join(',')} unstored`,
  ];
}

function stepTable(): string {
  const rows = stepNames.map((step) => {
    const { inputs, outputs, state, onGap, commitInterval, chainedTo } = entries[step];
    return [
      step,
      listed(
        Object.values(inputs).map(({ topic, role }) => named(topic) + (role === 'table' ? ' (table)' : '')),
      ),
      listed(Object.values(outputs).map(named)),
      state === undefined ? '–' : named(state.changelog),
      onGapOf({ onGap, state }) === 'stop' ? 'stops' : 'goes on',
      `${commitInterval} ms`,
      chainedTo ?? '–',
    ];
  });
  return markdownTable(
    [
      'step',
      'reads',
      'writes',
      'changelog of its state',
      'when records are gone',
      'commits every',
      'chained to',
    ],
    rows,
  );
}

function topicTable(): string {
  const rows = avroTopicIds.map((id) => {
    const { stored }: TopicEntry = topics[id];
    return [
      named(id),
      writersOf(id, stepsWriting),
      listed(stepsReading(id)),
      stored === true ? 'yes' : `no: ${stored.why}`,
    ];
  });
  return markdownTable(['topic', 'written by', 'read by the steps', 'stored in TimescaleDB'], rows);
}
