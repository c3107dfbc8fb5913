/** Writes the files that are generated from the schemas and catalogues, or checks that they are up to date. */
import type avsc from 'avsc';
import { asyncApi } from './asyncapi.ts';
import { schemaText } from '../avro/avro-types.ts';
import { avroTopicIds, type StepsWriting } from '../catalogue.ts';
import { generateTypes } from './typescript.ts';
import { updateFiles, type GenerateReport } from './generated-files.ts';
import { checkReleased } from './released.ts';
import { metricsTable, topicsTable } from './pages.ts';

/**
 * Generates schemas/generated/types.ts and docs/generated/{asyncapi.yaml,topics.md,metrics.md}. With `check`, it
 * writes nothing and reports stale files instead. In both modes it also reports schemas that cannot read what their
 * released versions wrote. A schema that was never released is a problem with `check`, else a reminder.
 */
export async function generate({
  check = false,
  stepsWriting,
  released,
}: {
  readonly check?: boolean;
  readonly stepsWriting: StepsWriting;
  /** The folder of the released schemas; default: this project's. */
  readonly released?: string;
}): Promise<GenerateReport> {
  const files = new Map([
    [
      'schemas/generated/types.ts',
      generateTypes(new Map(avroTopicIds.map((id) => [id, schemaJson(schemaText(id))]))),
    ],
    ['docs/generated/asyncapi.yaml', asyncApi(stepsWriting)],
    ['docs/generated/topics.md', topicsTable(stepsWriting)],
    ['docs/generated/metrics.md', metricsTable()],
  ]);
  const { written, problems } = await updateFiles(files, check);
  const { incompatible, unreleased } = await checkReleased(released);
  return check
    ? { written, problems: [...problems, ...incompatible, ...unreleased] }
    : { written, problems: [...problems, ...incompatible], reminders: unreleased };
}

const schemaJson = (text: string): avsc.Schema => JSON.parse(text) as avsc.Schema;
