/** Colours of the style sheet for canvases, and the choice of light or dark. */
import { byId, setText } from './dom.ts';

const choices = ['auto', 'light', 'dark'] as const;
type Choice = (typeof choices)[number];
const stored = 'castwatch-theme';

/** A custom property as it is in force now, e.g. `colour('--line')`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Wires the button; calls back whenever the colours in force may have changed. */
export function startTheme(changed: () => void): void {
  const button = byId('theme');
  let choice: Choice = choices.find((one) => one === localStorage.getItem(stored)) ?? 'auto';
  const apply = (): void => {
    document.documentElement.dataset['theme'] = choice;
    setText(button, `Theme: ${choice}`);
    changed();
  };
  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length] ?? 'auto';
    localStorage.setItem(stored, choice);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
}
