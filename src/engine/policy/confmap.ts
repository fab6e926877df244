/** Every text of plain data, as confmap gives it back: it expands `${…}` and turns `$$` into `$`, so dollars are doubled. */
export function escapeForConfmap(data: unknown): unknown {
  if (typeof data === 'string') return data.replace(/\$/g, '$$$$');
  if (Array.isArray(data)) return data.map(escapeForConfmap);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, escapeForConfmap(value)]));
}
