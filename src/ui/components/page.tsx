import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** One sentence on what the page is for. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page: its heading, which the window is named after, and what stands below. */
export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · spanwarden`;
  }, [title]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={1} id="page-title" tabIndex={-1} className={styles.title}>
            {title}
          </Title>
          {about !== undefined && (
            <Text size="sm" c="dimmed" maw={760}>
              {about}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}

interface PanelProps {
  readonly title: string;
  readonly id: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A framed part of a page with a heading of its own. */
export function Panel({ title, id, aside, children }: PanelProps) {
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <Group justify="space-between" gap="sm" mb="xs">
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </section>
  );
}

/** A part of a page that needs no frame, since what it holds has one. */
export function Section({ title, id, children }: Omit<PanelProps, 'aside'>) {
  return (
    <section aria-labelledby={id}>
      <Title order={2} id={id} mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

/** What stands where nothing is: what that means, and what to do. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.nothing}>
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="dimmed" component="div" maw={560}>
          {children}
        </Text>
      )}
    </div>
  );
}
