/** The member that is a recurrent network and learns from the sequence of scans. */
import type { Effort, MemberKind } from '../member-kind.ts';
import type { EngineName } from './engine.ts';
import type { LstmParameters } from './fit.ts';
import { lstmToOnnx } from './lstm-onnx.ts';
import { trainLstm } from './lstm-trainer.ts';

/** The trainer's parameters, without those that `Effort` decides. */
export type LstmSettings = Omit<LstmParameters, 'schedule' | 'rowsPerEpoch'>;

export function lstmMember(effort: Effort, chosen: LstmSettings, engine: EngineName = 'onnx'): MemberKind {
  const settings: LstmParameters = {
    ...chosen,
    hidden: Math.min(chosen.hidden, effort.hidden),
    schedule: effort.epochs,
    rowsPerEpoch: effort.rowsPerEpoch,
  };
  return {
    name: 'lstm',
    trainer: engine,
    input: 'sequence',
    largest: effort.epochs,
    every: Math.max(1, Math.round(effort.epochs / 8)),
    settings: { ...settings },
    async fit(dataset, train, predict, size, seed) {
      const { sequences, steps, channels, labels } = dataset;
      if (sequences === undefined) throw new Error(`data set ${dataset.id} has no sequences`);
      const job = { sequences, steps, channels, labels, train, predict, seed, parameters: settings, engine };
      const { weights, stages } = await trainLstm({ ...job, epochs: size, stageEvery: this.every });
      return { stages, onnx: lstmToOnnx(weights, steps), forest: undefined };
    },
  };
}
