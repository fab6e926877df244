import type { ReactNode } from 'react';
import type { Severity as Level } from '../queries.js';
import styles from './severity.module.css';

export const SEVERITY_NAMES: Readonly<Record<Level, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
};

/** A shape for each severity, so that none is told by colour alone. */
const SHAPES: Readonly<Record<Level, ReactNode>> = {
  critical: <path d="M4 0.5h4l3.5 3.5v4L8 11.5H4L0.5 8V4z" />,
  high: <path d="M6 0.8 11.6 11H0.4z" />,
  medium: <path d="M6 0.4 11.6 6 6 11.6 0.4 6z" />,
  low: <circle cx="6" cy="6" r="5" />,
  info: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
};

/** A severity as shape, word and colour. */
export function Severity({ level }: { level: Level }) {
  return (
    <span className={styles.severity} data-level={level}>
      <svg viewBox="0 0 12 12" width="11" height="11" fill="currentColor" aria-hidden="true">
        {SHAPES[level]}
      </svg>
      {SEVERITY_NAMES[level]}
    </span>
  );
}
