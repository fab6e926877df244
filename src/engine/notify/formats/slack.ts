import type { Notification } from '../../model/notification.js';
import { cut, lineOf, linkTitle, restOf } from '../message.js';

/** Of Slack's Block Kit: a header is plain text of 150 characters, a section has 3,000. */
const MAX_HEADER = 150;
const MAX_LINE = 250;

/** Blocks for an incoming webhook of Slack: at most 22, below 10,000 characters. */
export function slackOf(message: Notification): object {
  const lines = message.items.map((item) => `<${item.link}|Evidence> ${escaped(cut(lineOf(item), MAX_LINE))}`);
  const rest = [restOf(message), `<${message.link}|${linkTitle(message)}> · ${escaped(message.rule)}`].filter(
    (t) => t !== '',
  );
  return {
    text: escaped(cut(message.title, MAX_LINE)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(`[${message.urgency}] ${message.title}`, MAX_HEADER) } },
      ...[...lines, rest.join(' ')].map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
    ],
  };
}

/** The three characters that Slack's mrkdwn reserves. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
