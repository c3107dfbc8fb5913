/** The bar at the top: the name of the line, the time of the data, and the state of the connection. */
import type { Frame, PlantView } from '../shared/messages.ts';
import { byId, setAttribute, setText } from './dom.ts';
import { clock, day, delay, moment, viewerZone } from './format.ts';

/** Data older than this is a replay, whose age is not a delay, ms. */
const replayAge = 10 * 60_000;

export class Header {
  /** Server's clock minus viewer's clock, ms. */
  #offset = 0;
  #roundTrip: number | null = null;
  #age: number | null = null;
  #skipped = 0;

  constructor(plant: PlantView) {
    const { enterprise, site, area, line } = plant.hierarchy;
    setText(byId('line'), line);
    setText(byId('path'), `${plant.title} · ${enterprise} / ${site} / ${area}`);
    document.title = line;
  }

  roundTrip(ms: number, serverTime: number): void {
    this.#roundTrip = ms;
    this.#offset = serverTime - Date.now();
  }

  frame(frame: Frame): void {
    const published = frame.scans.reduce((most, scan) => Math.max(most, scan.publishedAt ?? 0), 0);
    if (published > 0) this.#age = Date.now() + this.#offset - published;
    this.#skipped += frame.skipped;
  }

  /** @param downSince by the viewer's clock; null while connected @param dataTime newest event time on the page */
  tick(now: number, downSince: number | null, dataTime: number | null): void {
    const link = byId('link');
    setAttribute(link, 'data-state', downSince === null ? 'up' : 'down');
    const trip = this.#roundTrip === null ? '' : ` · ${delay(this.#roundTrip)}`;
    setText(
      link,
      downSince === null ? `● Connected${trip}` : `✕ Disconnected since ${moment(downSince, now)}`,
    );
    setText(byId('data-clock'), dataTime === null ? '–' : clock(dataTime));
    setText(byId('data-zone'), dataTime === null ? 'no data yet' : zoneText(dataTime));
    setText(byId('latency'), this.#latency(downSince));
    setText(
      byId('skipped'),
      this.#skipped === 0 ? '' : `${this.#skipped} updates skipped, because this page could not keep up`,
    );
  }

  #latency(downSince: number | null): string {
    if (downSince !== null || this.#age === null) return '–';
    return this.#age > replayAge ? 'replay' : delay(this.#age);
  }
}

/** The name of the viewer's time zone, followed by the time in UTC if it differs. */
function zoneText(time: number): string {
  const utc = clock(time, 'UTC');
  return `${day(time)} · ${viewerZone()}${utc === clock(time) ? '' : ` · ${utc} UTC`}`;
}
