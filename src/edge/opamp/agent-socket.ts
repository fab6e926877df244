import { type RawData, WebSocket } from 'ws';
import type { ServerMessage } from '../../engine/opamp/messages.js';
import type { Link } from './agents.js';
import {
  BadMessage,
  decodeAgentMessage,
  encodeServerMessage,
  type RawMessage,
  withHeader,
  withoutHeader,
} from './protocol.js';

/** How long the other end may take to answer a ping when somebody else comes with its id. */
const PONG_MS = 3_000;
/** What waits to be sent to a peer that does not read; beyond it the connection is given up. */
const MAX_BUFFERED = 32 << 20;
const NOBODY = new Uint8Array(0);

/** OpAMP over a WebSocket: messages are answered one after another, in the order in which they came. */
export class AgentSocket implements Link {
  private last: Promise<void> = Promise.resolve();
  private answered = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly receive: (message: RawMessage, link: Link) => Promise<ServerMessage>,
    private readonly onAnswer: (outcome: 'answered' | 'refused') => void,
  ) {
    socket.on('message', (data, isBinary) => {
      // What comes meanwhile stays with the sender.
      socket.pause();
      this.last = this.last.then(() => this.answer(data, isBinary)).finally(() => socket.resume());
    });
    socket.on('pong', () => {
      this.answered = true;
    });
  }

  push(instance: Uint8Array, message: ServerMessage): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_BUFFERED) this.socket.terminate();
    else this.socket.send(withHeader(encodeServerMessage(instance, message)));
  }

  isAlive(): Promise<boolean> {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.resolve(false);
    return new Promise((done) => {
      const settle = (isAlive: boolean): void => {
        clearTimeout(patience);
        this.socket.off('pong', pong);
        done(isAlive);
      };
      const pong = (): void => settle(true);
      const patience = setTimeout(() => settle(false), PONG_MS);
      this.socket.once('pong', pong);
      this.socket.ping();
    });
  }

  /** Asks the other end for a sign; false where the last question got none, and the connection is over. */
  check(): boolean {
    if (!this.answered) {
      this.socket.terminate();
      return false;
    }
    this.answered = false;
    this.socket.ping();
    return true;
  }

  close(): void {
    this.socket.terminate();
  }

  private async answer(data: RawData, isBinary: boolean): Promise<void> {
    let instance: Uint8Array = NOBODY;
    try {
      if (!isBinary) throw new BadMessage('message: text; a binary one');
      const message = decodeAgentMessage(withoutHeader(bytesOf(data)));
      instance = message.instance;
      this.push(message.instance, await this.receive(message, this));
      this.onAnswer('answered');
    } catch (error) {
      const isTheirs = error instanceof BadMessage;
      const what = isTheirs ? error.message : 'server: cannot take messages now; send it again later';
      this.push(instance, { error: isTheirs ? 'bad-request' : 'unavailable', what });
      this.onAnswer('refused');
    }
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
