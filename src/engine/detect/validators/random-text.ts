/**
 * What the step from one character to the next says, by letter (case does not matter) and digit, rows before columns:
 * how much more often words of English and of source code take it than random letters and digits do, in half bits.
 * `j` is 0, `a` is -9, `s` is 9. Counted over the 40,000 words that occur in the type declarations and guides of some
 * hundred JavaScript packages.
 */
const STEPS = [
  'bklkbfjaibfnkmakanlohgfgjca',
  'oggencealkcodbmdajmfnacajaa',
  'mbhdncanialkdaodalhnkabafaa',
  'ngikqhedncekgflhbkkhkfcagaa',
  'kflmijgegcdkkmgjgonldifkgaa',
  'nbgcmlaapaclcinbakiilabajab',
  'lfgeqgkkmabkhkjgamkijdeafba',
  'ofgepgccmabghenhdkjmjddagaa',
  'jhlkjikaaaekkpnibimmbiafaia',
  'lbcdqaaagbdaaaneccphkicaaba',
  'khiirihgmbcghjihdhmhhcfaeaa',
  'mggjpebcnaemdbnhaejklgcajaa',
  'okeeqccambbhigmmbeiejcbafaa',
  'lelmmjmdkchgfhkhafnoihcaeaa',
  'hjjkdhhahbgkkpimanjjlijfaaa',
  'nbfhocchkaclecnkaolnjcbadaa',
  'acbabaaadaalaaaeafdasacaaaa',
  'nejipgibmaffihngakklihdakaa',
  'jdlfogbjmafhfhlkeflpkgfciaa',
  'mdjgofcloachgemhbmkjieeakaa',
  'ijjjnghajaamlndkanmnbaadaaa',
  'pacbrahanaacdaiaaedbacaaaad',
  'offgncdkpbdgdmmgamlgcdebaba',
  'jfmgmeefnfahedioahipaddehad',
  'jikjkiffidgmkmkpbinkefiadbb',
  'maddraabmacgcbmcadfbiacbiha',
  'lijiiiabegefecfgahjbcdacacn',
];
const ZERO = 106;
const DIGIT = 26;
/** Half bits for a change of case within a text that has both: a capital is followed by small letters, mostly. */
const SAME_CASE = -2;
const CAPITAL = 4;
/** What the end of a word gives back. */
const SEPARATOR = -4;
/** From how many half bits on a stretch of text is more likely made by chance than of words. */
const LEAST = 24;

/** Abbreviations of code that have the looks of chance, and the few words that are written with digits. */
const ABBREVIATIONS =
  /PBKDF2|HMAC|SHA-?\d+|MQTT|XML|JSON|HTTPS?|X?HTML|SQL|GraphQL|WebGL|gRPC|CGLIB|RGB|IPv[46]|UTF-?\d+|EC2|K8s|i18n|l10n|OAuth2?|Base64|x86_64|[HSR]S(?:256|384|512)|AES-?\d*|GCM|CBC|TLSv?[\d.]*|RSA|X509|MP[34]|H26[45]|Impl\b|Mgmt|ctx|qty|Svc|(?:st|nd|rd|th)\b/gi;
/** Names with chance in them that are made to be seen. */
const NAMES = [
  /^arn:aws[a-z-]*:/,
  /^urn:/,
  /^[a-z][a-z0-9+.-]*:\/\//i,
  // A pod of a deployment, a daemon set, a job.
  /^[a-z][a-z0-9.-]*-(?:[a-f0-9]{6,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}$/,
  // A file with its hash, a host, a package.
  /^[\w.~-]+\.(?:js|mjs|css|map|png|jpe?g|svg|woff2?|html?|json|xml|ya?ml|java|kt|py|go|rb|ts|com|net|org|io|internal|local)$/i,
  /^ip-\d+-\d+-\d+-\d+/,
  // A mangled or made-up name of a compiler.
  /^_Z[A-Z]|\$\$|\$\d+$/,
  /^[\w.+-]+@[\w.-]+$/,
  /^(?:\.{0,2}|[A-Z]:)[/\\](?:[\w.@ -]+[/\\])*[\w.@ -]*$/i,
  /^\d{4}-\d{2}-\d{2}/,
];

/**
 * Text that chance can have made and words cannot, a token or a key: its most random stretch, judged by how usual each
 * step from character to character is in words and code, or letters among digits, or 16 and more hex digits. Not names with chance in them that
 * are made to be seen (resource names, pods, files).
 */
export function randomText(text: string): boolean {
  if (text.length < 8 || isSequence(text) || NAMES.some((name) => name.test(text))) return false;
  const plain = text.replace(ABBREVIATIONS, '-');
  return isHex(text) || isMixed(plain) || surprise(plain) >= LEAST;
}

function isHex(text: string): boolean {
  const digits = text.replace(/-/g, '');
  return digits.length >= 16 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(digits) && /[a-f]/i.test(digits) && /\d/.test(digits);
}

/** Letters and digits change places four times and more, every five characters: `s3cr3t-v4lue`. */
function isMixed(text: string): boolean {
  const changes = text.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  return changes >= 4 && changes * 5 >= text.length;
}

/** Half bits by which the most random stretch of the text is more likely made by chance than of words. */
function surprise(text: string): number {
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text);
  let most = 0;
  let sum = 0;
  let before = -1; // A letter twice says nothing: `www`, `xxxx`.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isCapital = code >= 65 && code <= 90;
    const step = stepOf(code);
    if (step < 0) sum += SEPARATOR;
    else if (before >= 0 && (step !== before || step === DIGIT)) {
      sum -= STEPS[before]!.charCodeAt(step) - ZERO;
      if (mixed && before !== DIGIT && step !== DIGIT) sum += isCapital ? CAPITAL : SAME_CASE;
    }
    sum = Math.max(sum, 0);
    most = Math.max(most, sum);
    before = step;
  }
  return most;
}

function stepOf(code: number): number {
  if (code >= 48 && code <= 57) return DIGIT;
  const letter = code | 32;
  return letter >= 97 && letter <= 122 ? letter - 97 : -1;
}

/** `abcdefgh`, `1234567890ab`, `qwertyuiop`: a third and more of it are neighbours in a row, at least six. */
function isSequence(text: string): boolean {
  const lower = text.toLowerCase();
  let run = 1;
  let longest = 1;
  for (let i = 1; i < lower.length; i++) {
    run = lower.charCodeAt(i) - lower.charCodeAt(i - 1) === 1 ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return (longest >= 6 && longest * 3 >= lower.length) || /qwerty|asdfgh|zxcvbn/.test(lower);
}
