import { type Part, part } from './part.js';

/**
 * Lines that name code and not data: frames of Java and JavaScript (`at …`), Python (`File "…", line n`), Go
 * (`main.f(0x…)`, `\t/src/f.go:12 +0x1d`), Ruby (`from …:in`), .NET (`at … in …:line n`), Rust and PHP (`#3 …`), and
 * `... 12 more`.
 */
const FRAME =
  /^\s*(?:at\s|File "[^"]*", line \d|from \S+:\d+:in|#\d+\s|\d+:\s+0x|\.\.\. \d+ (?:more|common)|goroutine \d|[\w./*()-]+\(0x[0-9a-f]|\S+\.(?:go|rs|c|cpp|rb|php|py):\d+(?:\s|$))/;

/** The lines of a stack trace: messages, and frames, which are quiet. */
export function stackTrace(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  while (from < text.length) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const frame = FRAME.test(text.slice(from, Math.min(to, from + 300)));
    parts.push(frame ? part(from, to, 'frame', true) : part(from, to, 'message'));
    from = to + 1;
  }
  return parts;
}
