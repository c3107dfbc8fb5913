/** Writes the model card as an HTML page: the contents of `card.md`, with plots. */
import { malformedText } from '../../base/malformed.ts';
import type { ModelCard } from './model-card.ts';
import { number } from './number-text.ts';
import {
  calibrationText,
  leakLines,
  madeWith,
  selectionText,
  settingsText,
  weightless,
} from './model-card-words.ts';
import { warnOfText } from './class-text.ts';
import { classesHtml } from './class-section.ts';
import { judgementHtml } from './judgement-section.ts';
import { page, paragraph, section, htmlTable, warning } from './page.ts';
import { dotPlot } from './plots.ts';

export function cardPage(card: ModelCard): string {
  const { data, heldOut, crossValidated } = card;
  const malformed = malformedText(data.malformed ?? {});
  const threshold = card.threshold.value;
  return page({
    title: `${card.title}: ${card.target}`,
    subtitle: `Model card. Trained on data set ${data.id}, ${data.from.slice(0, 16)} to ${data.until.slice(0, 16)}, ${data.assets} assets, ${data.rows} rows; judged by ${card.plan}.`,
    body: [
      ...(malformed === undefined ? [] : [warning(`Not readable in the history: ${malformed}.`)]),
      ...(card.leaks?.said ?? []).map(warning),
      ...classSections(card),
      ...(heldOut === null
        ? []
        : [section('Held out: the very bundle', ...judgementHtml(heldOut, threshold))]),
      section('Cross-validated', ...judgementHtml(crossValidated, threshold)),
      section(
        'The ensemble',
        htmlTable(
          'Its members',
          ['member', 'weight', 'size', 'settings'],
          card.members.map(({ name, weight, size, settings }) => [
            name,
            number(weight),
            String(size),
            settingsText(settings),
          ]),
        ),
        ...weightless(card).map(paragraph),
        paragraph(calibrationText(card)),
      ),
      ...(card.features.length === 0
        ? []
        : [section('What it looks at most', featurePlot(card), ...selectionText(card).map(paragraph))]),
      section(
        'Where it comes from',
        ...(card.leaks?.said.length === 0 ? leakLines(card).map(paragraph) : []),
        paragraph(`Feature set ${data.featureSet}, seed ${card.seed}. ${madeWith(card)}`),
      ),
    ],
  });
}

function classSections({ classes }: ModelCard): string[] {
  if (classes === undefined) return [];
  return [
    ...(classes.heldOut === null ? [] : [section('Classes, held out', ...classesHtml(classes.heldOut))]),
    section('Classes, cross-validated', ...classesHtml(classes.crossValidated)),
    paragraph(warnOfText(classes.warnOf)),
  ];
}

function featurePlot({ features }: ModelCard): string {
  const top = Math.max(...features.map(({ strength }) => strength));
  return dotPlot({
    title: 'Mean contribution to the log-odds',
    says: 'By the trees, over the training rows; strongest first.',
    from: 0,
    to: top,
    filled: true,
    bars: features.map(({ title, strength }) => ({ name: title, value: strength, text: number(strength) })),
  });
}
