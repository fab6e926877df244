import { type Problem, problem } from '../problem.js';
import type { StatedOwners } from './backstage.js';

/** A line of the file: what it is about, and the first team that it names. */
interface Rule {
  readonly pattern: readonly string[];
  readonly team: string | null;
}

/**
 * Owners of services by where their code is. Only teams (`@org/team`) own services, never people; of several the first.
 *
 * @param text of CODEOWNERS; https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 * @param paths service and the folder or file of its code, from the root of the repository
 */
export function readCodeowners(
  text: string,
  paths: readonly { readonly service: string; readonly path: string }[],
): StatedOwners {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  const owners: { service: string; team: string }[] = [];
  const problems: Problem[] = [];
  paths.forEach(({ service, path }, i) => {
    const place = `services.${i}`;
    if (paths.findIndex((other) => other.service === service) < i) {
      problems.push(problem('overlap', `${place}.service`, 'in the list already', 'each service once'));
      return;
    }
    const folder = path.split('/').filter((name) => name !== '' && name !== '.');
    const team = rules.findLast(({ pattern }) => matches(pattern, folder))?.team ?? null;
    if (team !== null) owners.push({ service, team });
    else
      problems.push(
        problem('unowned', `${place}.path`, 'has no team', 'a path whose last matching line names @org/team'),
      );
  });
  return { owners, problems, skipped: 0 };
}

function ruleOf(line: string): Rule[] {
  const [path, ...owners] = line
    .replace(/(?:^|\s)#.*$/, '')
    .trim()
    .split(/\s+/);
  if (path === undefined || path === '') return [];
  const team = owners
    .map((owner) => /^@[\w.-]{1,100}\/([\w.-]{1,100})$/.exec(owner)?.[1])
    .find((name) => name !== undefined);
  const names = path.split('/').filter((name) => name !== '');
  const isAnchored = path.replace(/\/$/, '').includes('/');
  return [{ pattern: isAnchored ? names : ['**', ...names], team: team ?? null }];
}

/** Whether a pattern is about a path or a folder that it lies in; `folder/*` is about what lies there directly. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  // Reachable places in the path after each name of the pattern.
  let places = new Set([0]);
  for (const name of pattern) {
    const next = new Set<number>();
    for (const place of places) {
      if (name === '**') for (let to = place; to <= path.length; to++) next.add(to);
      else if (place < path.length && matchesName(name, path[place]!)) next.add(place + 1);
    }
    places = next;
  }
  const isDirect = pattern.at(-1) === '*' && pattern[0] !== '**';
  return isDirect ? places.has(path.length) : places.size > 0;
}

/** `*` is any characters and `?` any one; in time of the product of the lengths. */
function matchesName(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') [star, from] = [p++, n];
    else if (pattern[p] === '?' || pattern[p] === name[n]) [p, n] = [p + 1, n + 1];
    else if (star >= 0) [p, n] = [star + 1, ++from];
    else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}
