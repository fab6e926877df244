import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './note.module.css';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
}

/** Says that something failed; screen readers say it at once. */
export function ErrorNote({ title, children }: Props) {
  return (
    <Alert role="alert" variant="default" title={title} className={styles.error}>
      {children}
    </Alert>
  );
}

/** Something to know before going on. */
export function WarningNote({ title, children }: Props) {
  return (
    <Alert role="note" variant="default" title={title} className={styles.warning}>
      {children}
    </Alert>
  );
}
