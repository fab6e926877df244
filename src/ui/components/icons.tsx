import type { ReactElement } from 'react';

const PATHS = {
  overview: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  findings: 'M8 1.8 14.6 13.5H1.4zM8 6.2v3.4M8 11.4v.2',
  attributes: 'M2 4h12M2 8h12M2 12h12M5.5 2.5v3M10.5 6.5v3M7 10.5v3',
  names: 'M2 3.5h8M2 8h12M2 12.5h5M12.5 2v3M9.5 11v3',
  quality: 'M1.5 8h3l2-5 3 10 2-5h3',
  cost: 'M2.5 13.5v-5M6.2 13.5v-8M9.8 13.5v-4M13.5 13.5V2.5',
  policies: 'M8 1.5 13.5 3.5v4.2c0 3.3-2.3 5.6-5.5 6.8-3.2-1.2-5.5-3.5-5.5-6.8V3.5zM5.5 8l1.8 1.8L10.8 6.3',
  collectors: 'M2 2.5h12v4H2zM2 9.5h12v4H2zM4.5 4.5h.2M4.5 11.5h.2M7.5 4.5h4M7.5 11.5h4',
  reports: 'M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13M6 8h5M6 11h5',
  rules: 'M2 4.2 3.4 5.6 6 3M8.5 4.5H14M2 11.2l1.4 1.4L6 10M8.5 11.5H14',
  audit: 'M3 1.5h10v13H3zM5.5 4.5h5M5.5 7h5M5.5 11l1.5 1.5L10 9.5',
  access: 'M5 8a3 3 0 1 1 2.6 2.97M7.6 8.5 13.5 14.4M11 12l1.5-1.5',
} as const;

export type IconName = keyof typeof PATHS;

/** The pictures beside the words of the navigation. */
export const ICONS = Object.fromEntries(
  Object.entries(PATHS).map(([name, path]) => [
    name,
    <svg key={name} viewBox="0 0 16 16" width="16" height="16" fill="none" aria-hidden="true">
      <path d={path} stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>,
  ]),
) as Readonly<Record<IconName, ReactElement>>;
