import { formatShare } from '../format.js';
import styles from './share-bar.module.css';

/** A share of 0 to 1 as figure and bar. */
export function ShareBar({ share }: { share: number }) {
  return (
    <span className={styles.share}>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ width: `${Math.max(share * 100, 0.5)}%` }} />
      </span>
      <span className={styles.figure}>{formatShare(share)}</span>
    </span>
  );
}
