import xml, { type Element } from '@xmpp/xml';
import { NS } from './namespaces';

/** A file that a message brings: as the sender of the message says, which proves nothing (protocol section 11, 5). */
export interface Attached {
  id: string;
  name: string;
  type: string;
  sizeBytes: number;
}

/** A file as the box knows it (protocol section 11, 2). */
export interface Descriptor {
  id: string;
  ownerId: string;
  fileName: string;
  /** Of the first bytes, whatever their sender says. */
  typeMIME: string;
  size: number;
  isUploaded: boolean;
  /** Nothing until the scanner has looked at it. */
  isClean: boolean | null;
  /** When it came, or was announced. */
  dateToSort: string;
  viewers: Viewer[];
  /** What the scanner found. */
  avReport: string | null;
  thumbnail500?: { availableThumbnail: boolean };
}

/** What may see a file: a person, or whoever is in a bubble. */
export interface Viewer {
  viewerId: string;
  type: 'user' | 'room';
}

/** Where an upload that was cut goes on. */
export interface Progress {
  nextPart: number;
  receivedBytes: number;
}

export const CAPABILITIES = '/api/rainbow/fileserver/v1.0/capabilities';
export const DESCRIPTORS = '/api/rainbow/filestorage/v1.0/files';
const BYTES = '/api/rainbow/fileserver/v1.0/files';
export const bytesOf = (id: string): string => `${BYTES}/${id}`;
/** The box's own small picture of a file, where it has made one. */
export const smallOf = (id: string): string => `${bytesOf(id)}?thumbnail500=true`;
export const progressOf = (id: string): string => `/api/edge/v1/files/${id}/upload`;

/** Why the box does not do it now (`errorDetailsCode`). */
export const CODE = {
  off: 403_006,
  quota: 403_007,
  refused: 403_008,
  tooMany: 409_007,
  outOfOrder: 409_008,
  takenOver: 409_009,
  uploaded: 409_010,
  notUploaded: 409_011,
  held: 409_012,
  tooLarge: 413_002,
  noScanner: 503_001,
  diskFull: 507_001,
} as const;

const ADDRESS = /^(?:https?:\/\/[^/\s]+)?\/api\/rainbow\/fileserver\/v1\.0\/files\/([A-Za-z0-9]{1,64})$/u;
const TEXT_MAX = 255;

/** The file in a message. Only of a box: what other clients link to is a link. */
export function attachedIn(stanza: Element): Attached | undefined {
  const found = stanza.getChild('x', NS.file);
  const text = (name: string) => found?.getChildText(name)?.trim() ?? '';
  const id = ADDRESS.exec(text('url'))?.[1];
  if (id === undefined) return undefined;
  const size = Number(text('size'));
  return { id, name: text('filename').slice(0, TEXT_MAX), type: text('mime').slice(0, TEXT_MAX), sizeBytes: Number.isSafeInteger(size) && size > 0 ? size : 0 };
}

/** The official SDK reads all four. */
export const attachment = ({ id, name, type, sizeBytes }: Attached): Element =>
  xml('x', NS.file, xml('url', null, bytesOf(id)), xml('mime', null, type), xml('filename', null, name), xml('size', null, String(sizeBytes)));

/** What the box takes for no name: paths, and what hides or turns the text around it. */
const NOT_IN_NAMES = /[\u0000-\u001F\u007F-\u009F/\\\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|[\uD800-\uDFFF]/gu;

/** A name as the box takes it; its end, which says what it is, stays. */
export function nameTaken(name: string, otherwise: string): string {
  const letters = [...name.replace(NOT_IN_NAMES, '_')];
  const end = letters.length > TEXT_MAX && extensionOf(name) ? `.${extensionOf(name)}` : '';
  const kept = letters.slice(0, TEXT_MAX - end.length).join('') + end;
  return ['', '.', '..'].includes(kept.trim()) ? otherwise : kept;
}

/** What follows the last dot, if it is an extension. */
export const extensionOf = (name: string): string => /^.+\.(\w{1,16})$/su.exec(name)?.[1] ?? '';
