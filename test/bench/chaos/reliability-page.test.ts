import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultNamed } from '../../../bench/chaos/faults/all.ts';
import {
  asMarkdown,
  openReport,
  reportMark,
  writeReliabilityPage,
} from '../../../bench/chaos/reliability-page.ts';
import { broken, skipped, type ScenarioResult } from '../../../bench/chaos/scenario.ts';

const from = {
  ...{ date: '2026-03-01', commit: 'abc1234', machine: 'a machine', node: 'v24.0.0' },
  ...{ seed: '7', speed: 30, rounds: 1, loadBefore: 0.1 },
};

const good: ScenarioResult = {
  ...skipped(faultNamed('kill'), ''),
  ...{ verdict: 'all records delivered', passed: true, problems: [], readings: 1_234, recoveryP50: 1.25 },
  injections: [{ what: 'validate-1 killed', recovery: 1.25 }],
  notes: ['something measured'],
};

describe('the report of a chaos run', () => {
  it('names commit, machine, date and seed, and shows what passed, failed and was skipped', () => {
    const text = asMarkdown(from, [
      good,
      { ...good, passed: false, problems: ['a zombie was not fenced'] },
      broken(faultNamed('broker'), new Error('it did not start\nand a long log')),
      skipped(faultNamed('disk'), 'nothing can be mounted here'),
    ]);
    for (const part of [
      '2026-03-01',
      'abc1234',
      'a machine',
      'seed 7',
      '1 of 4 passed; 2 failed: kill, broker; 1 skipped: disk',
    ])
      assert.ok(text.includes(part), part);
    assert.match(text, /\| kill \| 1 \| 1234 \| all records delivered \| 1\.3 \|/);
    assert.match(text, /\| kill .*\*\*all records delivered, but with problems\*\*/);
    assert.match(text, /\| broker .*\*\*did not finish\*\*/);
    assert.match(text, /- validate-1 killed, recovered after 1\.3 s\n- something measured/);
    assert.match(text, /\*\*it did not start\*\*/);
    assert.doesNotMatch(text, /a long log/);
  });

  it('replaces its place in a file, repeatedly, and changes nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castwatch-report-'));
    const file = join(folder, 'reliability.md');
    try {
      await writeFile(file, '# No place\n');
      await assert.rejects(openReport(file, reportMark), /no place for this report/);
      await writeFile(file, `# Before\n\n<!-- ${reportMark} -->\n<!-- end of ${reportMark} -->\n\nAfter.\n`);
      await writeReliabilityPage(file, from, [good]);
      const once = await readFile(file, 'utf8');
      await writeReliabilityPage(file, from, [good]);
      assert.equal(await readFile(file, 'utf8'), once);
      assert.match(once, /^# Before\n[^]*validate-1 killed[^]*\nAfter\.\n$/);
      const json = JSON.parse(await readFile(join(folder, 'reliability.json'), 'utf8')) as { commit: string };
      assert.equal(json.commit, 'abc1234');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
