import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Config } from '../config.js';

const NEST_LEVELS: Readonly<Record<Config['logLevel'], LogLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** Nest tells at `log` of every route and module that it sets up: nobody who runs the service wants to read that. */
const SETUP_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

export class ServiceLogger extends ConsoleLogger {
  constructor({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>) {
    super({
      logLevels: NEST_LEVELS[logLevel],
      json: logFormat === 'json',
      colors: process.stdout.isTTY,
      prefix: 'spanwarden',
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!SETUP_CONTEXTS.has(String(rest.at(-1)))) super.log(message, ...rest);
  }
}
