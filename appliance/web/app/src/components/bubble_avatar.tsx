import type { Bubble } from '../state/bubbles';
import { picture } from '../state/pictures';
import { Avatar } from './avatar';

/** The picture of a bubble, or its initials. */
export const BubbleAvatar = ({ one, size }: { one: Bubble; size?: 'small' | 'large' }) => (
  <Avatar id={one.id} name={one.name} size={size} bubble picture={picture(one)} />
);
