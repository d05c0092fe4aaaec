import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The brand's teal: 7 is `#0a6f6a` on paper, 4 is `#5cc4bb` in the dark. */
const teal: MantineColorsTuple = [
  '#e6f5f3',
  '#cfe9e6',
  '#a9d8d3',
  '#82cbc4',
  '#5cc4bb',
  '#2f9c94',
  '#17837c',
  '#0a6f6a',
  '#085b57',
  '#064643',
];

/** What Mantine takes for surfaces, lines and texts in the dark. */
const dark: MantineColorsTuple = [
  '#dfe5ea',
  '#c3ccd4',
  '#97a2ad',
  '#6b7681',
  '#4a545f',
  '#333b45',
  '#20272f',
  '#191f26',
  '#12161b',
  '#0d1014',
];

/** What takes away: 7 is `#a8231c`, on which white can be read. */
const red: MantineColorsTuple = [
  '#fbe4e1',
  '#f5c4bf',
  '#f08b82',
  '#e2665c',
  '#d4473c',
  '#c4352b',
  '#b52b23',
  '#a8231c',
  '#8c1c16',
  '#701610',
];

export const theme = createTheme({
  colors: { teal, dark, red },
  primaryColor: 'teal',
  primaryShade: 7,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  defaultRadius: 8,
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Almost every field of a form is needed; those that are not say so.
  components: { InputWrapper: { defaultProps: { withAsterisk: false } } },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
});

/** Paper and ink. The dark is no inverted light. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fbfaf7',
    '--mantine-color-text': '#1d2530',
    '--mantine-color-dimmed': '#5a6470',
    '--mantine-color-default-border': '#d9d5cb',
    '--mantine-color-anchor': '#0a6f6a',
    '--mantine-color-error': '#a8231c',
    '--rf-raised': '#ffffff',
    '--rf-hover': '#f1efe8',
    '--rf-line': '#e4e0d6',
    '--rf-ours': '#0a6f6a',
    '--rf-ours-soft': '#dcefec',
    '--rf-attention': '#8a5a00',
    '--rf-attention-soft': '#fbeed2',
    '--rf-wrong': '#a8231c',
    '--rf-wrong-soft': '#fbe4e1',
  },
  dark: {
    '--mantine-color-body': '#12161b',
    '--mantine-color-text': '#dfe5ea',
    '--mantine-color-dimmed': '#97a2ad',
    '--mantine-color-default-border': '#333b45',
    '--mantine-color-anchor': '#5cc4bb',
    '--mantine-color-error': '#f08b82',
    '--rf-raised': '#191f26',
    '--rf-hover': '#20272f',
    '--rf-line': '#2a323b',
    '--rf-ours': '#5cc4bb',
    '--rf-ours-soft': '#173b3a',
    '--rf-attention': '#e8b45a',
    '--rf-attention-soft': '#3a2d12',
    '--rf-wrong': '#f08b82',
    '--rf-wrong-soft': '#43201d',
  },
});
