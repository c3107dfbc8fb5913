/** Gives canvases the colours of the style sheet, and lets the viewer choose light or dark. */
import { byId, setText } from './dom.ts';

const choices = ['auto', 'light', 'dark'] as const;
type Choice = (typeof choices)[number];
const stored = 'castwatch-theme';

/** Cache until the theme changes, because charts ask for a colour at every stroke. */
const colours = new Map<string, string>();
const probe = document.createElement('span');
probe.hidden = true;

/** The current colour of a custom property, such as `colour('--ink')`. */
export function colour(name: string): string {
  let found = colours.get(name);
  if (found === undefined) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(${name})`;
    found = getComputedStyle(probe).color;
    colours.set(name, found);
  }
  return found;
}

/** Connects the button. Calls `changed` whenever the colours may have changed. */
export function startTheme(changed: () => void): void {
  const button = byId('theme');
  let choice: Choice = choices.find((one) => one === localStorage.getItem(stored)) ?? 'auto';
  const apply = (): void => {
    document.documentElement.dataset['theme'] = choice;
    setText(button, `Theme: ${choice}`);
    renew();
  };
  const renew = (): void => {
    colours.clear();
    changed();
  };
  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length] ?? 'auto';
    localStorage.setItem(stored, choice);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', renew);
  apply();
}
