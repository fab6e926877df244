#!/usr/bin/env node
// The command `spanwarden`: builds a checkout where that is needed, and hands over to src/cli.ts.
import { build } from './build.mjs';

build({ quiet: true });
await import('../dist/src/cli.js');
