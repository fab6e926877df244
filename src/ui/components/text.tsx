import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import { formatAge, formatTime, visible } from '../format.js';
import styles from './text.module.css';

/** A name from telemetry, such as a key: text and nothing else, whatever it looks like. */
export function Name({ children }: { children: string }) {
  return <bdi className={styles.name}>{visible(children)}</bdi>;
}

/** A name from telemetry in the type of code, which breaks after dots and the like where it must. */
export function CodeName({ children }: { children: string }) {
  const parts = visible(children).split(/(?<=[._/-])/);
  return (
    <code className={styles.code}>
      <bdi className={styles.name}>
        {parts.map((part, i) => (
          <Fragment key={i}>
            {part}
            <wbr />
          </Fragment>
        ))}
      </bdi>
    </code>
  );
}

/** The form of a value in the type of code. */
export function CodeForm({ children }: { children: string }) {
  return (
    <code className={`${styles.code} ${styles.name}`}>
      <bdi>{visible(children)}</bdi>
    </code>
  );
}

/** A moment in the zone of the browser; in UTC on hover. */
export function Time({ iso, age = false }: { iso: string; age?: boolean }) {
  const local = formatTime(iso);
  return (
    <time dateTime={iso} title={age ? `${local} (${iso})` : iso} className={styles.time}>
      {age ? formatAge(iso) : local}
    </time>
  );
}

/** A short label in a frame. */
export function Tag({ children, tone }: { children: ReactNode; tone?: 'good' | 'warn' | 'bad' }) {
  return (
    <span className={styles.tag} data-tone={tone}>
      {children}
    </span>
  );
}

/** A link to another page of ours. */
export function PageLink({ to, children, className }: { to: string; children: ReactNode; className?: string }) {
  return (
    <Link href={to} className={className ?? styles.link}>
      {children}
    </Link>
  );
}
