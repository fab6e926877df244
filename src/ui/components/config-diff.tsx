import { Text } from '@mantine/core';
import { diffLines } from 'diff';
import block from './code-block.module.css';
import styles from './config-diff.module.css';

interface Props {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const MARKS = { added: '+', removed: '−', same: ' ' } as const;

/** What is in one configuration and not in the other, line by line. */
export default function ConfigDiff({ label, before, after }: Props) {
  if (before === after) return <Text size="sm">{label}: nothing in the configuration.</Text>;
  const lines = diffLines(before, after).flatMap(({ value, added, removed }) => {
    const kind = added ? 'added' : removed ? 'removed' : 'same';
    return value
      .replace(/\n$/, '')
      .split('\n')
      .map((text) => ({ kind, text }) as const);
  });
  return (
    <figure className={block.block}>
      <Text component="figcaption" size="xs" c="dimmed" className={block.bar}>
        {label}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={block.code} tabIndex={0} aria-label={label}>
        <pre>
          <code>
            {lines.map(({ kind, text }, i) => (
              <span key={i} className={styles.line} data-kind={kind}>
                {`${MARKS[kind]} ${text}\n`}
              </span>
            ))}
          </code>
        </pre>
      </section>
    </figure>
  );
}
