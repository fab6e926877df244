import { parse, YAMLParseError } from 'yaml';
import { RULE_TABLES } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import type { WireFormatName } from '../../src/engine/decode/formats.js';
import { DEFAULT_DECODE_LIMITS } from '../../src/engine/decode/limits.js';
import { AttributeReader } from '../../src/engine/decode/otlp-attribute.js';
import { encodedIn } from '../../src/engine/detect/encoded.js';
import { HARMLESS_SHAPES } from '../../src/engine/detect/harmless-shapes.js';
import { isRedacted } from '../../src/engine/detect/sensitive-keys.js';
import { STRUCTURES } from '../../src/engine/detect/structure/index.js';
import { VALIDATORS } from '../../src/engine/detect/validators/index.js';
import { AttributeView } from '../../src/engine/model/span-view.js';
import { spanNameTemplate } from '../../src/engine/naming/span-name.js';
import { compileDetectors } from '../../src/engine/rules/detector-document.js';
import { readPriceModel } from '../../src/engine/rules/price-document.js';
import { readSensitiveKeys } from '../../src/engine/rules/sensitive-key-document.js';
import { checkRules } from '../../src/flow/check-rules.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest } from '../support/otlp.js';

/** What is fuzzed: inputs to begin with, and a run that throws when something is wrong. */
export interface Target {
  readonly seeds: readonly Uint8Array[];
  readonly run: (input: Uint8Array) => void;
}

const NOW = Date.UTC(2026, 10, 23);
const { compiler } = patternCompiler();
const encoder = new TextEncoder();
const analyser = makeAnalyser();

const REQUEST = encodeRequest([
  {
    resource: { 'service.name': 'shop', team: 'web' },
    scope: { name: 'lib', version: '1' },
    spans: [
      {
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
        name: 'GET /users/42',
        start: NOW,
        attributes: {
          s: 'mail ana.lund@mail.test',
          i: 4539578763621486,
          d: 1.5,
          b: true,
          l: ['a', 1],
          m: { k: { n: 'x' } },
        },
      },
    ],
  },
]);
const JSON_REQUEST = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
              spanId: '00f067aa0ba902b7',
              name: 'n',
              startTimeUnixNano: '1763856000000000000',
              attributes: [
                { key: 'a', value: { arrayValue: { values: [{ intValue: '7' }, { bytesValue: 'AAE=' }] } } },
              ],
              events: [{ name: 'e', attributes: [] }],
              status: { code: 2, message: 'm' },
            },
          ],
        },
      ],
    },
  ],
});
const RULE = `family: x
detectors:
  - id: a-b
    name: A
    kind: secret
    severity: high
    confidence: high
    keywords: [abcd_]
    shape: { digits: 1 }
    context: { key: [k], near: [n], required: false }
    pattern: 'abcd_(?P<match>[0-9]{4,})'
    validators: [luhn]
    never: [uuid]
    allow: ['0+']
    examples: [abcd_1234, {key: k, value: abcd_1, siblings: {server.address: h}}, abcd_55555]
    non_examples: [a, b, c]
    references: [https://x.test]
    remedy: r
`;

/** What a decoder says of any bytes: numbers that can be, and bounded messages that repeat nothing of the input. */
function analyse(format: WireFormatName): (input: Uint8Array) => void {
  return (input) => {
    const first = analyser.analyse(input, format, NOW);
    const second = analyser.analyse(input, format, NOW);
    if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error('the same request gave two results');
    if (first.accepted < 0 || first.rejected < 0) throw new Error('negative counts');
    const spans = first.rollup.usage.reduce((sum, row) => sum + row.spans, 0);
    if (spans !== first.accepted) throw new Error(`${first.accepted} spans accepted, ${spans} counted`);
    for (const { what, where, allowed } of [...first.problems, ...first.warnings]) {
      if ((what + where + allowed).length > 500) throw new Error('a message without bound');
    }
  };
}

function overText(run: (text: string) => void): (input: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (input) => run(decoder.decode(input));
}

function document(run: (content: unknown) => void): (input: Uint8Array) => void {
  return overText((text) => {
    let content: unknown;
    try {
      content = parse(text, { maxAliasCount: 100, logLevel: 'error' });
    } catch (error) {
      if (error instanceof YAMLParseError || error instanceof ReferenceError) return;
      throw error;
    }
    run(content);
  });
}

const view = new AttributeView();
const reader = new AttributeReader(DEFAULT_DECODE_LIMITS);

export const TARGETS: Readonly<Record<string, Target>> = {
  'otlp-protobuf': { seeds: [REQUEST], run: analyse('otlp-protobuf') },
  'otlp-json': { seeds: [encoder.encode(JSON_REQUEST)], run: analyse('otlp-json') },
  attribute: {
    seeds: [REQUEST.subarray(20, 60), encoder.encode('\n\x01a\x12\x03\n\x01b')],
    run: (input) => {
      reader.read(input, 0, input.length, view);
      for (let i = 0; i < view.leaves; i++) {
        if (view.leafStart[i]! < 0 || view.leafEnd[i]! > input.length) throw new Error('a leaf outside of the input');
      }
    },
  },
  structures: {
    seeds: ['https://a:b@c/d?e=f&g#h', "SELECT 'a' -- b", '{"a":[{"b":"c"}]}', 'a=b; c=d', 'E: x\n\tat a(b:1)'].map(
      (t) => encoder.encode(t),
    ),
    run: overText((text) => {
      for (const structure of Object.values(STRUCTURES)) {
        let from = 0;
        for (const { start, end } of structure(text)) {
          if (start < from || end < start || end > text.length) throw new Error('parts that overlap or lie outside');
          from = end;
        }
      }
    }),
  },
  encoded: {
    seeds: ['%41%zz', '\\u0041\\x4', 'dXNlcjogYW5hQG1haWwudGVzdA==', '757365723a20616e61406d61696c2e74657374'].map(
      (t) => encoder.encode(t),
    ),
    run: overText((text) => {
      for (const { start, end } of encodedIn(text)) {
        if (start < 0 || end > text.length || start >= end) throw new Error('a piece outside of the text');
      }
    }),
  },
  validators: {
    seeds: [
      '4539578763621486',
      'DE89370400440532013000',
      'eyJhbGciOiJub25lIn0.e30.x',
      '2a00:1450::1',
      '1984-07-19',
    ].map((t) => encoder.encode(t)),
    run: overText((text) => {
      for (const [name, holds] of [...Object.entries(VALIDATORS), ...Object.entries(HARMLESS_SHAPES)]) {
        if (typeof holds(text) !== 'boolean') throw new Error(`${name}: no verdict`);
      }
      isRedacted(text);
      spanNameTemplate(text);
    }),
  },
  rules: {
    seeds: [encoder.encode(RULE)],
    run: document((content) => {
      const { detectors } = compileDetectors(new Map([['x.yaml', content]]), RULE_TABLES, compiler);
      checkRules(detectors, null);
    }),
  },
  documents: {
    seeds: [
      encoder.encode('id: a\nmeters: [{id: b}]\nexamples: []\n'),
      encoder.encode('classes: [{id: x}]\nfree_text: [a]\n'),
    ],
    run: document((content) => {
      readPriceModel('x.yaml', content);
      readSensitiveKeys('x.yaml', content);
    }),
  },
};
