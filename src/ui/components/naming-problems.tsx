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
  return <Problems problems={attribute.naming} subject={`Attribute ${attribute.key} `} />;
}

/** What is wrong with a name; the subject of the sentences stands in the row already. */
export function Problems({ problems, subject }: { problems: readonly Problem[]; subject: string }) {
  if (problems.length === 0) return '–';
  return (
    <ul className={styles.problems}>
      {problems.map(({ id, level, message }) => (
        <li key={id}>
          <Tag {...(LEVELS[level].tone && { tone: LEVELS[level].tone })}>{LEVELS[level].label}</Tag>{' '}
          <Name>{message.startsWith(subject) ? message.slice(subject.length) : message}</Name>
        </li>
      ))}
    </ul>
  );
}
