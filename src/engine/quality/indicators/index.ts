import type { Indicator } from '../judgement.js';
import { RESOURCES } from './resources.js';
import { SERVICE_LEVEL } from './service-level.js';
import { SPANS } from './spans.js';
import { STRUCTURE } from './structure.js';

/** All indicators, in the order in which they are shown. */
export const INDICATORS: readonly Indicator[] = [...SERVICE_LEVEL, ...STRUCTURE, ...SPANS, ...RESOURCES];
