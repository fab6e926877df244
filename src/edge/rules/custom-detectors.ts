import { parse } from 'yaml';
import { compileDetectors, type Detector } from '../../engine/rules/detector-document.js';
import { asObject } from '../../engine/rules/document-reader.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { RULE_TABLES } from '../files/rule-files.js';

/** Where problems of a customer's document are, in place of the path of a file. */
export const CUSTOM_FILE = 'rules';
/** What ids of customers' detectors begin with, so that they are never those of detectors that ship. */
export const CUSTOM_PREFIX = 'x-';
/** What there is before anybody wrote detectors. */
export const NO_DOCUMENT = 'family: custom\ndetectors: []\n';

/**
 * Parses a document. Warnings of the parser are not wanted: they are printed, with lines of the document in them.
 *
 * @throws Error where it is no YAML
 */
export function parseDocument(document: string): unknown {
  return parse(document, { logLevel: 'error', prettyErrors: false });
}

/** A customer's detectors: those that run, and the ids of those that this version of spanwarden cannot run any more. */
export interface CustomDetectors {
  readonly detectors: readonly Detector[];
  readonly broken: readonly string[];
}

/**
 * The detectors of a document that was checked when it was taken. What has become invalid since, by an upgrade, is left
 * out, so that the rest goes on.
 */
export function readCustomDetectors(document: string, compilerOf: (id: string) => PatternCompiler): CustomDetectors {
  const top = asObject(parsedOrNull(document));
  const detectors: Detector[] = [];
  const broken: string[] = [];
  for (const raw of Array.isArray(top?.detectors) ? top.detectors : []) {
    const id = String(asObject(raw)?.id);
    const files = new Map([[CUSTOM_FILE, { family: top?.family, detectors: [raw] }]]);
    const compiled = compileDetectors(files, RULE_TABLES, compilerOf(id));
    if (compiled.problems.length === 0) detectors.push(...compiled.detectors);
    else broken.push(id);
  }
  return { detectors, broken };
}

function parsedOrNull(document: string): unknown {
  try {
    return parseDocument(document);
  } catch {
    return null;
  }
}
