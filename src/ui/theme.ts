import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const DARK: MantineColorsTuple = [
  '#d8dce3',
  '#abb3bf',
  '#8f98a6',
  '#5d6673',
  '#3b434f',
  '#2b323c',
  '#21272f',
  '#181c22',
  '#13171c',
  '#0d1014',
];

export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 9, dark: 8 },
  colors: { dark: DARK },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { sm: '0.8125rem', md: '0.875rem' },
  headings: {
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.4' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's secondary text is too pale for WCAG AA; these shades reach 4.5 to 1 on every background that we use. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1b2027',
    '--mantine-color-dimmed': '#56606c',
    '--mantine-color-placeholder': '#626c78',
    '--mantine-color-anchor': '#1864ab',
    '--mantine-color-error': '#b42318',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-anchor': '#74b8f5',
    '--mantine-color-error': '#ff9a90',
  },
});
