import type { Level } from '../protocol/presence';
import { text } from '../state/language';

/** Presence as a dot; its meaning is in words for those who do not see colours. */
export function PresenceDot({ level }: { level: Level }) {
  return <span class="dot" data-level={level} role="img" aria-label={text(`presence_${level}`)} />;
}

const HUES = 8;

function hue(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % HUES;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** First letters of the first and last word, by what a reader sees as a letter. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = (word: string | undefined) => (word ? [...segmenter.segment(word)][0]?.segment ?? '' : '');
  const letters = words.length > 1 ? first(words[0]) + first(words[words.length - 1]) : first(words[0]);
  return letters.toLocaleUpperCase() || '?';
}

interface AvatarProps {
  id: string;
  name: string;
  level?: Level | undefined;
  size?: 'small' | 'large' | undefined;
  /** A bubble's picture, or what stands for it, has corners. */
  bubble?: boolean;
  /** Where its picture is, if it has one. */
  picture?: string | undefined;
}

export function Avatar({ id, name, level, size, bubble = false, picture }: AvatarProps) {
  return (
    <span class={`avatar ${bubble ? 'avatar--bubble' : ''}`} data-hue={hue(id)} data-size={size}>
      {picture ? <img class="avatar__picture" src={picture} alt="" /> : <span class="avatar__letters" data-letters={initials(name)} aria-hidden="true" />}
      {level && <PresenceDot level={level} />}
    </span>
  );
}
