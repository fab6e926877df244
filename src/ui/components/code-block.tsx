import { Button, CopyButton, Group, Text } from '@mantine/core';
import styles from './code-block.module.css';

interface Props {
  /** What the code is, also the name of the block: `collector configuration`. */
  readonly label: string;
  readonly code: string;
}

/** Code as it is to be pasted, with a button that copies it. */
export function CodeBlock({ label, code }: Props) {
  return (
    <figure className={styles.block}>
      <Group justify="space-between" wrap="nowrap" className={styles.bar}>
        <Text component="figcaption" size="xs" c="dimmed">
          {label}
        </Text>
        <Copy label={label} text={code} />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.code} tabIndex={0} aria-label={label}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </figure>
  );
}

/** A button that copies a text, and says that it did. */
export function Copy({ label, text }: { label: string; text: string }) {
  return (
    <CopyButton value={text} timeout={2000}>
      {({ copied, copy }) => (
        <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy ${label}`} className={styles.copy}>
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </Button>
      )}
    </CopyButton>
  );
}
