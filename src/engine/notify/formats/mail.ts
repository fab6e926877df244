import type { Notification } from '../../model/notification.js';
import { cut, lineOf, linkTitle, restOf } from '../message.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** A mail as plain text; a line of its subject is below the 998 characters of RFC 5322 §2.1.1. */
export function mailOf(message: Notification): MailText {
  const lines = message.items.map((item) => `- ${lineOf(item)}\n  ${item.link}`);
  const rest = restOf(message);
  const end = `${linkTitle(message)}: ${message.link}\nRule: ${message.rule}`;
  return {
    subject: cut(`[${message.urgency}] ${message.title}`.replace(/[\r\n]+/g, ' '), 250),
    text: [message.title, lines.join('\n'), ...(rest === '' ? [] : [rest]), end].join('\n\n'),
  };
}
