import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Modal } from '@mantine/core';

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
  components: { Modal: Modal.extend({ styles: { title: { fontWeight: 600 } } }) },
});

/**
 * Colours of our own, and Mantine's secondary text, which is too pale: all text reaches WCAG AA (4.5 to 1) on all
 * backgrounds that it stands on.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1b2027',
    '--mantine-color-dimmed': '#56606c',
    '--mantine-color-placeholder': '#626c78',
    '--mantine-color-anchor': '#1864ab',
    '--mantine-color-error': '#b42318',
    '--sw-border': '#dcdfe4',
    '--sw-raised': '#ffffff',
    '--sw-sunken': '#f6f7f9',
    '--sw-selected': '#e3eefa',
    '--sw-bar': '#4a8fd0',
    '--sw-critical': '#a61b1b',
    '--sw-high': '#9a4a00',
    '--sw-medium': '#735c00',
    '--sw-low': '#1f5f99',
    '--sw-info': '#56606c',
    '--sw-good': '#1c6b34',
  },
  dark: {
    '--mantine-color-dimmed': '#abb3bf',
    '--mantine-color-placeholder': '#abb3bf',
    '--mantine-color-anchor': '#74b8f5',
    '--mantine-color-error': '#ff9a90',
    '--sw-border': '#2b323c',
    '--sw-raised': '#181c22',
    '--sw-sunken': '#111419',
    '--sw-selected': '#1d3145',
    '--sw-bar': '#3f87cc',
    '--sw-critical': '#ff8f8f',
    '--sw-high': '#ffb26b',
    '--sw-medium': '#ecd060',
    '--sw-low': '#8cc7ff',
    '--sw-info': '#b3bac5',
    '--sw-good': '#7fd99a',
  },
});
