declare module '*.css';

declare module '@xmpp/xml' {
  type Child = Element | string | null | undefined | false;
  export class Element {
    name: string;
    attrs: Record<string, string | undefined>;
    is(name: string, xmlns?: string): boolean;
    getName(): string;
    getNS(): string | undefined;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildElements(): Element[];
    getChildText(name: string, xmlns?: string): string | null;
    getText(): string;
    toString(): string;
  }
  export default function xml(name: string, attrs: string | Record<string, string | number | undefined> | null, ...children: (Child | Child[])[]): Element;
}

declare module '@xmpp/client-core' {
  import type { Element } from '@xmpp/xml';
  export class Client {
    constructor(options: { service: string; domain: string; timeout?: number });
    transports: unknown[];
    socket: { socket: WebSocket | null } | null;
    start(): Promise<unknown>;
    send(element: Element): Promise<void>;
    on(event: 'element', act: (element: Element) => void): void;
    on(event: 'error', act: (error: Error & { condition?: string; text?: string }) => void): void;
    on(event: 'disconnect' | 'offline' | 'online', act: () => void): void;
    removeAllListeners(): void;
  }
}

declare module '@xmpp/websocket' {
  import type { Client } from '@xmpp/client-core';
  export default function websocket(options: { entity: Client }): void;
}

declare module '@xmpp/middleware' {
  import type { Client } from '@xmpp/client-core';
  export interface Middleware { use(act: unknown): void }
  export default function middleware(options: { entity: Client }): Middleware;
}

declare module '@xmpp/stream-features' {
  import type { Middleware } from '@xmpp/middleware';
  export interface StreamFeatures { use(name: string, xmlns: string, act: unknown): void }
  export default function streamFeatures(options: { middleware: Middleware }): StreamFeatures;
}

declare module '@xmpp/iq/caller.js' {
  import type { Client } from '@xmpp/client-core';
  import type { Middleware } from '@xmpp/middleware';
  import type { Element } from '@xmpp/xml';
  export interface IqCaller { request(stanza: Element, timeoutMs?: number): Promise<Element> }
  export default function iqCaller(options: { middleware: Middleware; entity: Client }): IqCaller;
}

declare module '@xmpp/sasl' {
  import type { StreamFeatures } from '@xmpp/stream-features';
  export type Authenticate = (credentials: { username: string; password: string }, mechanism: string) => Promise<void>;
  export default function sasl(options: { streamFeatures: StreamFeatures; saslFactory: unknown }, ask: (authenticate: Authenticate) => Promise<void>): void;
}

declare module '@xmpp/sasl-plain' {
  export default function plain(factory: unknown): void;
}

declare module '@xmpp/resource-binding' {
  import type { StreamFeatures } from '@xmpp/stream-features';
  import type { IqCaller } from '@xmpp/iq/caller.js';
  export default function resourceBinding(options: { streamFeatures: StreamFeatures; iqCaller: IqCaller }, resource: string): void;
}

declare module 'saslmechanisms' {
  export default class SASLFactory {}
}
