import type { Notification, NotifyItem } from '../../model/notification.js';
import { cut, lineOf, linkTitle, restOf } from '../message.js';

/** Where an issue is made. */
export interface JiraPlace {
  /** Key of the project. */
  readonly project: string;
  /** Name of the type, such as Task. */
  readonly issueType: string;
}

/** Jira's limit of a summary. */
const MAX_SUMMARY = 255;

/** The body of Jira's REST API v3 `POST /rest/api/3/issue`, its description in the Atlassian Document Format. */
export function jiraOf(message: Notification, { project, issueType }: JiraPlace): object {
  const rest = restOf(message);
  return {
    fields: {
      project: { key: project },
      issuetype: { name: issueType },
      summary: cut(message.title.replace(/[\r\n]+/g, ' '), MAX_SUMMARY),
      labels: ['spanwarden', `spanwarden-${message.urgency}`, `spanwarden-${message.id}`],
      description: {
        type: 'doc',
        version: 1,
        content: [
          { type: 'bulletList', content: message.items.map(listItem) },
          ...(rest === '' ? [] : [paragraph(text(rest))]),
          paragraph(text(linkTitle(message), message.link), text(` · rule ${message.rule}`)),
        ],
      },
    },
  };
}

function listItem(item: NotifyItem): object {
  return { type: 'listItem', content: [paragraph(text(`${lineOf(item)} `), text('Evidence', item.link))] };
}

function paragraph(...content: object[]): object {
  return { type: 'paragraph', content };
}

function text(words: string, link?: string): object {
  const marks = link === undefined ? {} : { marks: [{ type: 'link', attrs: { href: link } }] };
  return { type: 'text', text: words, ...marks };
}
