import type { Sabotage } from './sabotages.ts';

/** @throws Error when the sabotage no longer fits the file */
export function spoil(text: string, { name, file, changes }: Sabotage): string {
  let spoilt = text;
  for (const [from, to] of changes) {
    if (spoilt.split(from).length !== 2)
      throw new Error(`${name} no longer fits ${file}: there is not exactly one\n${from}`);
    spoilt = spoilt.replace(from, () => to);
  }
  return spoilt;
}
