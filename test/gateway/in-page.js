/* global document, getComputedStyle, HTMLInputElement */
// One expression, evaluated in the page by page.ts: plain JavaScript, since the tests' types have no DOM.
({
  drawn(selector) {
    const all = [...document.querySelectorAll(`${selector} canvas`)];
    const inked = all.filter((canvas) => {
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.some((value, index) => index % 4 === 3 && value > 0);
    });
    return { drawn: inked.length, all: all.length };
  },

  poorContrast() {
    const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour) => {
      const [red, green, blue] = colour.slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const colour = channels(getComputedStyle(at).backgroundColor);
        if ((colour[3] ?? 1) > 0) return colour;
      }
      return [255, 255, 255];
    };
    const poor = [];
    let looked = 0;
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent.trim() !== '',
      );
      if (!own || !element.checkVisibility()) continue;
      looked++;
      const style = getComputedStyle(element);
      const [light, dark] = [luminance(channels(style.color)), luminance(background(element))].sort(
        (a, b) => b - a,
      );
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5))
        poor.push(`${element.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return { poor, looked };
  },

  nameless() {
    return [...document.querySelectorAll('button, a[href], input, [role=img]')]
      .filter((element) => {
        const label =
          element instanceof HTMLInputElement ? element.labels[0]?.textContent : element.textContent;
        const name = element.getAttribute('aria-label') ?? label ?? '';
        return name.trim() === '' && element.checkVisibility();
      })
      .map((element) => element.outerHTML.slice(0, 80));
  },

  overflows() {
    return document.documentElement.scrollWidth > document.documentElement.clientWidth;
  },

  focused() {
    return document.activeElement.textContent.trim();
  },
});
