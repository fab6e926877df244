import type { Page } from 'playwright-core';

const NAMELESS =
  /^\s*- (?:button|link|textbox|combobox|checkbox|switch|radio|tab|searchbox|dialog|table|navigation)(?=:| \[|$)/;

/** Controls, links and dialogs that have no name, as lines of the accessibility tree. */
export async function nameless(page: Page): Promise<string[]> {
  const tree = await page.locator('body').ariaSnapshot();
  return tree.split('\n').filter((line) => NAMELESS.test(line));
}

/** Tables without a caption, and headers that do not say what they head. */
export function tableFaults(page: Page): Promise<string[]> {
  return page.locator('body').evaluate((body) => {
    const faults: string[] = [];
    for (const table of body.querySelectorAll('table')) {
      const caption = table.querySelector('caption')?.textContent?.trim() ?? '';
      if (caption === '') faults.push('a table without a caption');
      const headers = [...table.querySelectorAll('th')];
      if (!headers.some((th) => th.getAttribute('scope') === 'col')) faults.push(`${caption}: no column headers`);
      if (!headers.every((th) => ['col', 'row'].includes(th.getAttribute('scope') ?? ''))) {
        faults.push(`${caption}: a header without a scope`);
      }
    }
    return faults;
  });
}

/** Texts whose contrast is less than WCAG AA asks for: 4.5 to 1, or 3 to 1 where they are large. */
export function paleTexts(page: Page): Promise<string[]> {
  return page.locator('body').evaluate((body) => {
    const view = body.ownerDocument.defaultView!;
    const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string) => {
      const [r, g, b] = channels(color).map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const backgroundOf = (element: typeof body | null): string => {
      for (let e = element; e !== null; e = e.parentElement) {
        const color = view.getComputedStyle(e).backgroundColor;
        if ((channels(color)[3] ?? 1) > 0.5) return color;
      }
      return 'rgb(255, 255, 255)';
    };
    const pale: string[] = [];
    for (const element of body.querySelectorAll<typeof body>('*')) {
      const hasText = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent?.trim() !== '');
      const { width, height } = element.getBoundingClientRect();
      if (!hasText || width <= 1 || height <= 1 || element.closest('svg, noscript, script')) continue;
      const style = view.getComputedStyle(element);
      const [a, b] = [luminance(style.color), luminance(backgroundOf(element))].sort((x, y) => y - x);
      const ratio = (a! + 0.05) / (b! + 0.05);
      const isLarge = Number.parseFloat(style.fontSize) >= 24;
      if (ratio < (isLarge ? 3 : 4.5)) pale.push(`${element.textContent?.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return pale;
  });
}
