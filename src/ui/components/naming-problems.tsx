import type { Attribute } from '../../edge/serve/contract.js';
import styles from './attributes.module.css';
import { Name, Tag } from './text.js';

type Problem = Attribute['naming'][number];

const LEVELS: Readonly<Record<Problem['level'], { readonly label: string; readonly tone?: 'bad' | 'warn' }>> = {
  violation: { label: '✕ violation', tone: 'bad' },
  improvement: { label: '△ improvement', tone: 'warn' },
  information: { label: 'i information' },
};

/** What is wrong with the name of an attribute. */
export function NamingProblems({ attribute }: { attribute: Pick<Attribute, 'key' | 'naming'> }) {
  if (attribute.naming.length === 0) return '–';
  return (
    <ul className={styles.problems}>
      {attribute.naming.map(({ id, level, message }) => (
        <li key={id}>
          <Tag {...(LEVELS[level].tone && { tone: LEVELS[level].tone })}>{LEVELS[level].label}</Tag>{' '}
          <Name>{withoutKey(message, attribute.key)}</Name>
        </li>
      ))}
    </ul>
  );
}

/** The key stands in the row already. */
function withoutKey(message: string, key: string): string {
  const start = `Attribute ${key} `;
  return message.startsWith(start) ? message.slice(start.length) : message;
}
