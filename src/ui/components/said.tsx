import styles from './said.module.css';
import { Name } from './text.js';

/** Says what was done; empty for nothing yet. */
export function Said({ message }: { readonly message: string }) {
  return (
    <div role="status">
      {message !== '' && (
        <p className={styles.said}>
          ✓ <Name>{message}</Name>
        </p>
      )}
    </div>
  );
}
