import { parentPort, workerData } from 'node:worker_threads';
import { loadRules } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';
import { checkCustomDocument } from './check-custom.js';

/*
 * A thread that checks one document and ends.
 */
const { rulesDir, document } = workerData as { rulesDir: string; document: string };
const { compiler } = patternCompiler();
const { rules } = loadRules(rulesDir, compiler);
parentPort?.postMessage(checkCustomDocument(document, rules.detectors, compiler, () => performance.now()));
