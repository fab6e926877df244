import { hash } from 'node:crypto';
import type { RemoteConfig } from '../../engine/opamp/messages.js';

const TEXT = '# No policy of spanwarden is for this collector.\nprocessors: {}\n';

/**
 * What a collector is offered whose policies were all taken back. A map without files would stop it under a supervisor; this
 * leaves its slots as its own configuration has them.
 */
export const NO_POLICIES: RemoteConfig = { hash: hash('sha256', TEXT, 'hex'), text: TEXT };
