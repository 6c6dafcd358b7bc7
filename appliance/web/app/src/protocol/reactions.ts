import xml, { type Element } from '@xmpp/xml';
import { NS, parts } from './namespaces';

/** How somebody reacted to a message: all of his emoji; a later reaction takes the place of this one (XEP-0444). */
export interface Reaction {
  from: string;
  icons: readonly string[];
}

/** Emoji of one person to one message, and characters of one: what is more, or no emoji, is no reaction. */
const ICONS_MAX = 12;
const ICON_LENGTH_MAX = 40;
export const REACTIONS_MAX = 500;
/** Emoji and what joins them; one of the first kinds makes it a picture. */
const PICTURE = /[\p{Extended_Pictographic}\p{Regional_Indicator}\u20E3]/u;
const EMOJI = /^[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200D\uFE0F\u20E3#*0-9\u{E0020}-\u{E007F}]+$/u;

function iconsIn(reactions: Element): string[] {
  const all = reactions.getChildren('reaction').map((one) => one.getText().trim());
  return [...new Set(all)].filter((icon) => icon.length <= ICON_LENGTH_MAX && EMOJI.test(icon) && PICTURE.test(icon)).slice(0, ICONS_MAX);
}

/** Of a stanza that is about another message: about which one, and what. */
export function reactionIn(stanza: Element): { of: string; icons: string[] } | undefined {
  const found = stanza.getChild('reactions', NS.reactions);
  const of = found?.attrs['id'];
  return found && of ? { of, icons: iconsIn(found) } : undefined;
}

/** Those that the archive has beside a message. */
export function reactionsBeside(message: Element): Reaction[] {
  const remarks = message.getChildren('remark', NS.remarks).slice(0, REACTIONS_MAX);
  const all = remarks.flatMap((one) => {
    const reactions = one.getChild('reactions', NS.reactions);
    return reactions ? [{ from: parts(one.attrs['from']).user, icons: iconsIn(reactions) }] : [];
  });
  return all.filter((one) => one.icons.length > 0);
}

/** Tells the box that this device wants to hear of them. */
export const hearReactions = (): Element => xml('iq', { type: 'set' }, xml('enable', NS.reactions));

/** `of`: the message's id, in a bubble its place in the archive (XEP-0444, 3.1). */
export const reaction = (to: string, kind: string, own: string, of: string, icons: readonly string[]): Element =>
  xml('message', { to, type: kind, id: own }, xml('reactions', { xmlns: NS.reactions, id: of }, ...icons.map((icon) => xml('reaction', null, icon))), xml('store', NS.hints));

/** With a page of history: what people reacted, too. */
export const withReactions = (): Element => xml('reactions', NS.reactions);
