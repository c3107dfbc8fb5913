/** The operator console: gets the plant, follows its assets, and keeps the page up to date. */
import { messageOf } from '../../base/text.ts';
import type { FeedState, Frame, PlantView, Snapshot } from '../shared/messages.ts';
import { AlertPanel } from './alerts.ts';
import { createCard, type Card } from './card.ts';
import { GatewayConnection } from './connection.ts';
import { byId, setText } from './dom.ts';
import { cellName } from './format.ts';
import { Header } from './header.ts';
import { AssetStore, probabilityTop, type LinkState } from './store.ts';
import { followStandstills } from './standstill-banner.ts';
import { startTheme } from './theme.ts';

/** Largest number of cards on the page; with more assets, the filter chooses. */
const mostCards = 24;
/** Up to this number of assets, the signals are unfolded from the start. */
const openSignals = 2;
/** With more cards than this, cards are small. */
const dense = 4;
const drawEvery = 250;

interface Followed {
  readonly store: AssetStore;
  readonly card: Card;
}

class Page {
  readonly #plant: PlantView;
  readonly #header: Header;
  readonly #alerts: AlertPanel;
  readonly #connection: GatewayConnection;
  readonly #followed = new Map<string, Followed>();
  readonly #changed = new Set<Followed>();
  #known: string[];
  #filter = '';
  /** Upper end of the axis of every probability, so that cards can be compared. */
  #top = probabilityTop([]);
  #downSince: number | null = Date.now();
  #joinedAt = Date.now();

  constructor(plant: PlantView, known: readonly string[]) {
    this.#plant = plant;
    this.#known = [...known];
    this.#header = new Header(plant);
    this.#alerts = new AlertPanel(plant, (asset, now) => {
      const store = this.#followed.get(asset)?.store;
      return store && { store, status: store.status(now, this.#link(), plant.staleAfter) };
    });
    this.#connection = new GatewayConnection({
      snapshot: (snapshot) => {
        this.#onSnapshot(snapshot);
      },
      frame: (frame) => {
        this.#onFrame(frame);
      },
      feed: (state) => {
        this.#onFeed(state);
      },
      assetSeen: (asset) => {
        this.#onAssetSeen(asset);
      },
      down: () => {
        this.#downSince = Date.now();
        this.#tick();
      },
      problem: (text) => {
        showBanner('problem', text);
      },
      roundTrip: (ms, serverTime) => {
        this.#header.roundTrip(ms, serverTime);
      },
    });
    const input = byId('filter');
    if (input instanceof HTMLInputElement) {
      input.addEventListener('input', () => {
        this.#filter = input.value.trim().toLowerCase();
        this.#choose();
      });
    }
    startTheme(() => {
      this.#redraw();
    });
    this.#choose();
    setInterval(() => {
      this.#tick();
    }, 1_000);
    setInterval(() => {
      this.#draw();
    }, drawEvery);
  }

  /** Gives a card to the assets that the filter finds, up to the largest number of cards. */
  #choose(): void {
    const found = this.#known.filter((asset) => asset.toLowerCase().includes(this.#filter));
    const shown = found.slice(0, mostCards);
    byId('chooser').hidden = this.#known.length <= mostCards / 2;
    setText(byId('shown'), `${shown.length} of ${this.#known.length} shown`);
    byId('no-assets').hidden = this.#known.length > 0;
    const wanted = new Set(shown);
    for (const [asset, { card }] of this.#followed) {
      if (wanted.has(asset)) continue;
      card.element.remove();
      this.#followed.delete(asset);
    }
    for (const asset of shown) {
      if (this.#followed.has(asset)) continue;
      const followed: Followed = {
        store: new AssetStore(asset),
        card: createCard(
          this.#plant,
          asset,
          this.#known.length <= openSignals,
          () => this.#top,
          () => {
            this.#askPast(followed);
          },
        ),
      };
      this.#followed.set(asset, followed);
    }
    byId('cards').append(...shown.flatMap((asset) => this.#followed.get(asset)?.card.element ?? []));
    byId('cards').dataset['count'] = String(shown.length);
    byId('cards').dataset['dense'] = String(shown.length > dense);
    this.#joinedAt = Date.now();
    this.#connection.follow(shown);
  }

  #onSnapshot(snapshot: Snapshot): void {
    this.#downSince = null;
    const now = Date.now();
    this.#joinedAt = now;
    for (const one of snapshot.assets) {
      const followed = this.#followed.get(one.asset);
      if (followed === undefined) continue;
      followed.store.reset(one, snapshot.serverTime, now);
      this.#changed.add(followed);
      if (followed.card.isOpen()) this.#askPast(followed);
    }
    this.#alerts.reset(snapshot.alerts);
    this.#onFeed(snapshot.feed);
    showBanner('problem', null);
    showBanner(
      'history',
      snapshot.historyMissing &&
        `No history: ${snapshot.historyMissing} Charts show only the newest data, which the gateway keeps in memory.`,
    );
    this.#tick();
  }

  /** Asks for the scans of the last minutes, which only an unfolded card shows. */
  #askPast(followed: Followed): void {
    const { store } = followed;
    if (store.hasPast) return;
    this.#connection.scans(store.asset, (scans) => {
      store.addPast(scans);
      this.#changed.add(followed);
    });
  }

  #onFrame(frame: Frame): void {
    const now = Date.now();
    for (const scan of frame.scans) {
      const followed = this.#followed.get(scan.asset);
      if (followed === undefined) continue;
      followed.store.addScan(scan, now);
      this.#changed.add(followed);
    }
    for (const prediction of frame.predictions) {
      const followed = this.#followed.get(prediction.asset);
      if (followed === undefined) continue;
      followed.store.addPrediction(prediction);
      this.#changed.add(followed);
    }
    for (const alert of frame.alerts) this.#alerts.add(alert);
    if (frame.alerts.length > 0) this.#tick();
    this.#header.frame(frame);
  }

  #onFeed(feed: FeedState): void {
    const text =
      feed.state === 'live'
        ? null
        : 'The gateway gets no data from Kafka. This page shows the last data that it received.';
    showBanner('feed', text);
  }

  #onAssetSeen(asset: string): void {
    if (this.#known.includes(asset)) return;
    this.#known = [...this.#known, asset].sort((a, b) =>
      cellName(a).localeCompare(cellName(b), 'en', { numeric: true }),
    );
    this.#choose();
  }

  #tick(): void {
    const now = Date.now();
    for (const [asset, { store, card }] of this.#followed)
      card.tick(store, now, this.#link(), this.#alerts.openOf(asset));
    this.#alerts.update(now);
    const times = [...this.#followed.values()].flatMap(({ store }) => store.dataTime() ?? []);
    this.#header.tick(now, this.#downSince, times.length === 0 ? null : Math.max(...times));
  }

  #link(): LinkState {
    return { downSince: this.#downSince, joinedAt: this.#joinedAt };
  }

  #draw(): void {
    if (document.hidden) return;
    const top = probabilityTop([...this.#followed.values()].map(({ store }) => store.trend));
    if (top !== this.#top) this.#redraw();
    this.#top = top;
    for (const { store, card } of this.#changed) card.update(store);
    this.#changed.clear();
  }

  #redraw(): void {
    for (const followed of this.#followed.values()) this.#changed.add(followed);
  }
}

function showBanner(name: 'problem' | 'feed' | 'standstill' | 'history', text: string | null): void {
  const banner = byId(`banner-${name}`);
  banner.hidden = text === null;
  setText(banner, text ?? '');
}

async function json<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T;
}

/** Keeps trying, because the gateway may still be starting. */
async function start(): Promise<void> {
  try {
    const plant = await json<PlantView>('/v1/definition');
    const { assets } = await json<{ assets: { asset: string }[] }>('/v1/assets');
    showBanner('problem', null);
    new Page(
      plant,
      assets.map(({ asset }) => asset),
    );
  } catch (error) {
    showBanner('problem', `The gateway does not answer yet (${messageOf(error)}). Trying again.`);
    setTimeout(() => void start(), 2_000);
  }
}

void start();
followStandstills((text) => {
  showBanner('standstill', text);
});
