import type { Provider } from '@nestjs/common';
import { Agents } from './agents.js';
import { Inventory } from './inventory.js';
import { OpampServer } from './opamp-server.js';
import { Pulls } from './pulls.js';

/** What a process with the role api has for collectors. */
export function opampProviders(): Provider[] {
  return [Inventory, Agents, Pulls, OpampServer];
}
