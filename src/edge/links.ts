import type { Config } from '../config.js';

/** The address of a path of ours, as others reach it. */
export function linkOf({ publicUrl, host, httpPort }: Config, path: string): string {
  return `${publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${httpPort}`}${path}`;
}
