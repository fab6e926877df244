/** A number that is written in the groups that cards show it in: 4-4-4-4, 4-6-5 or 4-6-4, with one kind of separator. */
export function cardGroups(text: string): boolean {
  return /^\d{4}([ -])(?:\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{6}\1\d{4,5})$/.test(text);
}
