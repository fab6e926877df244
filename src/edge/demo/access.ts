import { type Spanwarden, shown } from './spanwarden.js';
import type { DemoOptions } from './stage.js';

/** How people get to the pages. */
export interface Access {
  /** Begins the addresses of findings; '' when the pages do not stay. */
  readonly base: string;
  /** Lines that say how to open the pages. */
  readonly hint: readonly string[];
}

/** How to open the pages, which depends on who started spanwarden and whether it stays. */
export function accessTo({ http, child, signInLink }: Spanwarden, { home, keep }: DemoOptions): Access {
  const token = process.env.SPANWARDEN_ADMIN_TOKEN ? 'SPANWARDEN_ADMIN_TOKEN' : `${shown(home)}/admin-token`;
  if (child === null) {
    return { base: http, hint: [`Pages: ${http}/ui/`, `The token to sign in with: ${token}`] };
  }
  if (keep) {
    const link = `Pages: ${signInLink ?? `${http}/ui/`}`;
    const later = `The link signs in once, within the hour. After that, the token to sign in with: ${token}`;
    return { base: http, hint: [link, later, 'spanwarden runs until Ctrl-C.'] };
  }
  const start = shown(home) === '.spanwarden' ? 'npm start' : `SPANWARDEN_HOME=${shown(home)} npm start`;
  return {
    base: '',
    hint: [
      `spanwarden stops now; what it found stays in ${shown(home)}. To look at it in the pages:`,
      `  ${start}`,
      'To open the pages while the demo waits for Ctrl-C:',
      '  npm run demo -- --keep',
    ],
  };
}
