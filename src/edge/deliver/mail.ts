import nodemailer, { type SendMailOptions } from 'nodemailer';
import type { Report } from '../../engine/model/report.js';
import { blocksOf } from '../../engine/report/blocks.js';
import { FORMATS, fileNameOf } from '../report/render.js';
import { type Outcome, SENT } from './outcome.js';

const TIMEOUT_MS = 15_000;

export interface MailSettings {
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
}

/** Sends a report as mail: text and HTML, with PDF and CSV beside it. */
export function sendMail(
  settings: MailSettings,
  to: readonly string[],
  deliveryId: string,
  report: Report,
  contentHash: string,
): Promise<Outcome> {
  return sendMessage(settings, to, deliveryId, async () => ({
    subject: report.title.replace(/[\r\n]+/g, ' '),
    text: textOf(report, contentHash),
    html: (await FORMATS.html!.render(report, contentHash)) as string,
    attachments: await Promise.all(
      ['pdf', 'csv'].map(async (ending) => ({
        filename: fileNameOf(report, contentHash, ending),
        contentType: FORMATS[ending]!.mediaType,
        content: await FORMATS[ending]!.render(report, contentHash),
      })),
    ),
  }));
}

/** Sends a mail. The message's id is that of the delivery. */
export async function sendMessage(
  { smtpUrl, mailFrom }: MailSettings,
  to: readonly string[],
  deliveryId: string,
  content: () => Promise<Pick<SendMailOptions, 'subject' | 'text' | 'html' | 'attachments'>>,
): Promise<Outcome> {
  if (smtpUrl === null) return { kind: 'later', error: 'there is no mail server: SPANWARDEN_SMTP_URL is not set' };
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: mailFrom,
      to: [...to],
      messageId: `<${deliveryId}@spanwarden>`,
      ...(await content()),
    });
    return SENT;
  } catch (error) {
    return failureOf(error as { code?: string; responseCode?: number });
  } finally {
    transport.close();
  }
}

/** Plain text: the facts and the lines; tables are in the other parts. */
function textOf(report: Report, contentHash: string): string {
  const parts = blocksOf(report, contentHash).map((block) => {
    if (block.kind === 'facts') return block.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
    if (block.kind === 'lines') return [block.title, ...block.lines].filter((line) => line !== '').join('\n');
    if (block.kind !== 'fixes') return '';
    return [block.title, ...block.fixes.map(({ title, link }, i) => `${i + 1}. ${title} ${link}`)].join('\n');
  });
  return [report.title, ...parts.filter((part) => part !== '')].join('\n\n');
}

/** A permanent answer (5xx) fails for good; all else is tried again. The server's words are not kept. */
function failureOf({ code, responseCode }: { code?: string; responseCode?: number }): Outcome {
  if (responseCode === undefined)
    return { kind: 'later', error: `the mail server cannot be reached (${code ?? 'unknown error'})` };
  const isFinal = responseCode >= 500 && code !== 'EAUTH';
  return { kind: isFinal ? 'never' : 'later', error: `the mail server answered ${responseCode}` };
}
