import type { Rig } from '../harness.ts';
import { memoryRig } from './rig.ts';
import { gapContract } from '../gap.contract.ts';
import { partitionsContract } from '../partitions.contract.ts';
import { chainContract } from '../chain.contract.ts';
import { editionContract } from '../edition.contract.ts';
import { goOnContract } from '../go-on.contract.ts';
import { runtimeContract } from '../runtime.contract.ts';
import { stallContract } from '../stall.contract.ts';
import { unwritableContract } from '../unwritable.contract.ts';
import { largeStatesContract } from '../large-states.contract.ts';
import { transportContract } from '../transport.contract.ts';

describe('stream/memory', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = memoryRig();
  });
  describe('transport contract', () => {
    transportContract(() => rig);
  });
  describe('runtime contract', () => {
    runtimeContract(() => rig);
  });
  describe('chain contract', () => {
    chainContract(() => rig);
  });
  describe('editions in a group', () => {
    editionContract(() => rig);
  });
  describe('a breaker that has stopped a task', () => {
    goOnContract(() => rig);
  });
  describe('a stall', () => {
    stallContract(() => rig);
  });
  describe('large states', () => {
    largeStatesContract(() => rig);
  });
  describe('gap contract', () => {
    gapContract(() => rig);
  });
  describe('partitions contract', () => {
    partitionsContract(() => rig);
  });
  describe('what cannot be written', () => {
    unwritableContract(() => rig);
  });
});
