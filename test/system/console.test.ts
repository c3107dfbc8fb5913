/** The console in real Chromium, on real Kafka, registry and PostgreSQL: what a person sees. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { loadDefinition } from '../../processes/load.ts';
import { assetPath, assetPaths, withCells } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { drawn, errorsOf, focused, nameless, overflows, poorContrast } from '../gateway/page.ts';
import { realGateway, type RealGateway } from '../gateway/real-gateway.ts';
import { alert, prediction, reading } from '../gateway/records.ts';
import { launchBrowser } from '../support/browser.ts';
import { localStack, uniqueDatabase } from '../support/stack.ts';
import { waitFor } from '../support/wait.ts';

const casting = loadDefinition('processes/casting.yaml');
const [rule] = casting.alerts;
const [firstTag, secondTag, thirdTag] = casting.tags;

describe('console', function () {
  this.timeout(120_000);
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let errors: string[];
  let gateway: RealGateway | undefined;

  before(async function () {
    browser = await launchBrowser(this);
  });
  after(async () => {
    // Undefined when the suite was skipped.
    await (browser as Browser | undefined)?.close();
  });
  afterEach(async () => {
    await context.close();
    await gateway?.stop();
    gateway = undefined;
  });

  /** A gateway, and a page on it that is connected. */
  const open = async (definition: ProcessDefinition): Promise<RealGateway> => {
    gateway = await realGateway({
      stack: await localStack(),
      databaseUrl: await uniqueDatabase(),
      definition,
    });
    context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: 'Asia/Tokyo',
      locale: 'en-GB',
    });
    page = await context.newPage();
    errors = errorsOf(page);
    await page.goto(gateway.url);
    await sees(page.locator('#link'), /Connected/);
    return gateway;
  };
  const card = (asset: string): Locator => page.locator(`[data-asset="${asset}"]`);
  const tile = (asset: string, tag: string | undefined): Locator =>
    card(asset).locator(`[data-tag="${tag ?? ''}"]`);

  it('says what to do while no asset has sent data, and shows an asset as soon as it sends data', async () => {
    const rig = loadDefinition('processes/pump-rig.yaml');
    const { publish } = await open(rig);
    await sees(page.locator('#no-assets'), /No asset has sent readings yet.*\/v1\/readings/s);
    await publish('validatedReadings', reading(rig, assetPath(rig, 'valve1-0'), Date.now()));
    await sees(page.locator('.card h2'), /^valve1-0$/);
    assert.equal(await page.locator('#no-assets').isVisible(), false);
    assert.deepEqual(errors, []);
  });

  it('shows the probability with interval, reasons and piece, and updates them', async () => {
    const [s1 = '', s2 = ''] = assetPaths(casting);
    const { publish } = await open(casting);
    await sees(page.locator('#line'), casting.hierarchy.line);
    const now = Date.now();
    await publish('validatedReadings', reading(casting, s1, now), reading(casting, s2, now));
    await sees(card(s1).locator('.status'), /Live/);
    await sees(card(s1).locator('.verdict'), /No prediction yet/);
    await publish(
      'predictions',
      prediction(s1, now - 5_000, { probability: 0.023, lower: 0.011, upper: 0.06 }),
      prediction(s2, now - 5_000, {
        probability: null,
        lower: null,
        upper: null,
        confidence: null,
        status: 'UNAVAILABLE',
        reason: 'half of the inputs are missing',
      }),
    );
    await sees(card(s1).locator('.probability'), /^2\.3\s%$/);
    await sees(card(s1).locator('.verdict'), /below limit 9\.0\s%/);
    await sees(card(s1).locator('.interval').first(), /likely 1\.1\s% to 6\.0\s%/);
    await sees(card(s2).locator('.probability'), 'n/a');
    await sees(card(s2).locator('.verdict'), /half of the inputs are missing/);
    const contributions = [
      { feature: 'a', value: 7.1, contribution: 0.8, text: 'level spread is 7.1 mm, usually 2.4–3.8' },
      { feature: 'b', value: 1, contribution: -0.2, text: 'flow ratio is 0.8' },
    ];
    await publish(
      'predictions',
      prediction(s1, now, {
        probability: 0.42,
        contributions,
        piece: { heat: '4711', slab: '3', grade: 'X70' },
      }),
    );
    await sees(card(s1).locator('.probability'), /^42\s%$/);
    await sees(card(s1).locator('.verdict'), /▲ ABOVE limit/);
    await sees(card(s1).locator('.piece'), /heat 4711 · slab 3 · grade X70/);
    await sees(card(s1).locator('.reasons'), /▲ raises\s+level spread is 7\.1 mm.*▼ lowers\s+flow ratio/s);
    await waitFor(
      async () => (await drawn(page, `[data-asset="${s1}"] .trend`)).drawn === 1,
      'the trend to be drawn',
    );
    await sees(page.locator('#data-clock'), new RegExp(inZone(now, 'Asia/Tokyo')));
    await sees(page.locator('#data-zone'), new RegExp(`Asia/Tokyo · ${inZone(now, 'UTC')} UTC`));
    assert.deepEqual(errors, []);
  });

  it('shows signals with their units, and marks values that are held, missing or outside their normal band', async () => {
    const [s1 = ''] = assetPaths(casting);
    const { publish } = await open(casting);
    const now = Date.now();
    const high = (secondTag?.normal[1] ?? 0) + 1;
    const given = {
      [firstTag?.id ?? '']: { treatment: 'HELD', quality: 'UNCERTAIN', reason: 'ABSENT' },
      [secondTag?.id ?? '']: high,
      [thirdTag?.id ?? '']: { value: null, treatment: 'MISSING', quality: 'BAD', reason: 'QUALITY' },
    } as const;
    await publish(
      'validatedReadings',
      ...Array.from({ length: 20 }, (_, n) => reading(casting, s1, now - (20 - n) * 1_000)),
    );
    await sees(card(s1).locator('.exceptions'), `all ${casting.tags.length} normal`);
    await publish('validatedReadings', reading(casting, s1, now, given));
    await sees(tile(s1, firstTag?.id), /held: absent/);
    await sees(
      tile(s1, secondTag?.id),
      new RegExp(
        `${secondTag?.title ?? ''}.*${Math.round(high)}.*${secondTag?.unit ?? ''}.*▲ above normal`,
        's',
      ),
    );
    await sees(tile(s1, thirdTag?.id), /–.*no value: bad quality/s);
    await sees(card(s1).locator('.exceptions'), new RegExp(`3 of ${casting.tags.length} not normal`));
    await waitFor(async () => {
      const charts = await drawn(page, `[data-asset="${s1}"] .group:first-child .spark`);
      return charts.all > 0 && charts.drawn === charts.all;
    }, 'the small multiples to be drawn');
    assert.deepEqual(errors, []);
  });

  it('shows an alarm when it is raised, and removes it when it is cleared', async () => {
    const [s1 = ''] = assetPaths(casting);
    const { publish } = await open(casting);
    await sees(page.locator('#alerts'), /No open alarms/);
    const raisedAt = Date.now();
    const raised = alert(s1, raisedAt, {
      rule: rule?.id ?? '',
      priority: 'CRITICAL',
      peak: 0.44,
      message: 'Do something.',
    });
    await publish('alerts', raised);
    const item = page.locator('#alerts-open .alert');
    await sees(item, /■ CRITICAL\s+Active\s+S1/);
    await sees(
      item,
      new RegExp(
        `${rule?.title ?? ''}.*since ${inZone(raisedAt, 'Asia/Tokyo')} · peak 44\\s%, limit 9\\.0\\s%.*Do something\\.`,
        's',
      ),
    );
    await sees(page.locator('#announcer'), /S1: critical alarm/);
    assert.match(await page.title(), /^\(1\)/);
    await publish('alerts', {
      ...raised,
      transition: 'RETURNED_TO_NORMAL',
      step: 1,
      eventTime: raisedAt + 1_000,
    });
    await sees(item, /Back to normal\s+S1/);
    await publish('alerts', { ...raised, transition: 'CLEARED', step: 2, eventTime: raisedAt + 2_000 });
    await sees(page.locator('#alerts'), /No open alarms/);
    await sees(page.locator('#alerts-past-count'), 'Recently cleared (1)');
    assert.equal(await item.count(), 0);
    assert.deepEqual(errors, []);
  });

  it('updates the peak while an alarm is open, and says on the card that it is open and why', async () => {
    const [s1 = ''] = assetPaths(casting);
    const { publish } = await open(casting);
    const raisedAt = Date.now();
    await publish('predictions', prediction(s1, raisedAt, { probability: 0.29 }));
    await publish(
      'alerts',
      alert(s1, raisedAt, { rule: rule?.id ?? '', value: 0.29, peak: 0.29, limit: 0.09 }),
    );
    const facts = page.locator('#alerts-open .alert-facts');
    await sees(facts, /peak 29\s%/);
    await publish('predictions', prediction(s1, raisedAt + 5_000, { probability: 0.41 }));
    await sees(facts, /peak 41\s%/);
    const says = card(s1).locator('.open-alarms');
    const isOpen = `▲ HIGH alarm open since ${inZone(raisedAt, 'Asia/Tokyo')}`;
    await sees(says, new RegExp(`^${isOpen} \\(${rule?.title ?? ''}\\)$`));
    await publish('predictions', prediction(s1, raisedAt + 10_000, { probability: 0.02 }));
    await sees(card(s1).locator('.verdict'), /below limit/);
    await sees(says, new RegExp(`^${isOpen} · clears when back to normal for long enough`));
    await sees(facts, /peak 41\s%/);
    assert.deepEqual(errors, []);
  });

  it('shows data that has stopped as stale since its last event time, and its alarm as without data', async () => {
    const [s1 = ''] = assetPaths(casting);
    const { publish } = await open(casting);
    await page.clock.install();
    const time = Date.now();
    await publish('validatedReadings', reading(casting, s1, time));
    await publish('alerts', alert(s1, time, { rule: rule?.id ?? '' }));
    await sees(card(s1).locator('.status'), /Live/);
    const state = page.locator('#alerts-open .alert-state');
    await sees(state, 'Active');
    await page.clock.fastForward(15_000);
    await sees(card(s1).locator('.status'), new RegExp(`Stale since ${inZone(time, 'Asia/Tokyo')}`));
    await sees(state, `Active, no data since ${inZone(time, 'Asia/Tokyo')}`);
    await publish('validatedReadings', reading(casting, s1, time + 1_000));
    await sees(card(s1).locator('.status'), /Live/);
  });

  it('says that it is disconnected while the gateway is away, and continues when it is back', async () => {
    const [s1 = ''] = assetPaths(casting);
    const { publish, stopGateway, startGateway } = await open(casting);
    const now = Date.now();
    const raised = alert(s1, now, { rule: rule?.id ?? '' });
    await publish('validatedReadings', reading(casting, s1, now));
    await publish('predictions', prediction(s1, now, { probability: 0.023 }));
    await publish('alerts', raised);
    await sees(card(s1).locator('.probability'), /2\.3/);
    await stopGateway();
    await sees(page.locator('#link'), /Disconnected since/);
    await sees(card(s1).locator('.status'), /Disconnected since/);
    await sees(card(s1).locator('.probability'), /2\.3/);
    await publish('predictions', prediction(s1, now + 5_000, { probability: 0.36 }));
    await publish('alerts', { ...raised, transition: 'CLEARED', step: 1, eventTime: now + 5_000 });
    await startGateway();
    await sees(page.locator('#link'), /Connected/);
    await sees(card(s1).locator('.probability'), /36/);
    await sees(page.locator('#alerts'), /No open alarms/);
    await publish('validatedReadings', reading(casting, s1, now + 6_000));
    await sees(card(s1).locator('.status'), /Live/);
    const others = errors.filter(
      (text) => !/ERR_CONNECTION_REFUSED|WebSocket connection|Failed to load resource/.test(text),
    );
    assert.deepEqual(others, []);
  });

  it('works for eight assets, narrow and wide, light and dark, by keyboard, with accessible names and contrast', async () => {
    const eight = withCells(casting, ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8']);
    const { publish } = await open(eight);
    const now = Date.now();
    const assets = assetPaths(eight);
    const [s1 = ''] = assets;
    const strange = {
      [firstTag?.id ?? '']: { treatment: 'HELD', quality: 'UNCERTAIN', reason: 'ABSENT' },
      [secondTag?.id ?? '']: 1e4,
    } as const;
    await publish('validatedReadings', ...assets.map((asset) => reading(eight, asset, now, strange)));
    await publish(
      'predictions',
      ...assets.map((asset, n) => prediction(asset, now, { probability: 0.02 + n * 0.05 })),
    );
    for (const priority of ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const)
      await publish('alerts', alert(s1, now, { id: priority, priority }));
    await sees(card(assets.at(-1) ?? '').locator('.probability'), /37/);
    await waitFor(async () => (await page.locator('#alerts-open .alert').count()) === 4, 'four alerts');

    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to alarms');
    const summary = card(s1).locator('summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await sees(tile(s1, firstTag?.id), /held: absent/);
    for (const theme of ['light', 'dark'] as const) {
      await page.locator('#theme').focus();
      await page.keyboard.press('Enter');
      await sees(page.locator('#theme'), `Theme: ${theme}`);
      const { poor, looked } = await poorContrast(page);
      assert.deepEqual(poor, [], `contrast in ${theme}`);
      assert.ok(looked > 100, `${looked} texts were looked at`);
    }
    assert.deepEqual(await nameless(page), []);
    for (const width of [360, 800, 1_920]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await overflows(page), false, `no sideways scrolling at ${width} pixels`);
    }
    assert.deepEqual(errors, []);
  });
});

/** Waits until the element's text is, or matches, what a person should see. */
async function sees(locator: Locator, what: string | RegExp): Promise<void> {
  let text = '';
  try {
    await waitFor(async () => {
      text = (await locator.count()) === 0 ? '' : (await locator.first().innerText()).trim();
      return typeof what === 'string' ? text === what : what.test(text);
    }, 'the page to show it');
  } catch (error) {
    throw new Error(`expected ${String(what)}, but the page shows: ${text}`, { cause: error });
  }
}

const inZone = (time: number, timeZone: string): string =>
  new Date(time).toLocaleTimeString('en-GB', { timeZone, hour12: false });
