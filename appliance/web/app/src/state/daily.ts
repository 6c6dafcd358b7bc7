import { effect, untracked } from '@preact/signals';
import './blocks';
import './bubbles';
import { connect } from './connection';
import { unreadTotal } from './conversations';
import './favourites';
import './invitations';
import { dropOthers } from './kept';
import './levels';
import './me';
import './people';
import { takeUp } from './outbox';
import { account } from './session';
import { text } from './language';
import './typing';
import './uploads';

/** What goes on while somebody is signed in, whatever page is shown. */
effect(() => {
  if (!account.value) return;
  untracked(() => {
    dropOthers();
    takeUp();
    connect();
  });
});

effect(() => {
  const count = account.value ? unreadTotal.value : 0;
  document.title = count > 0 ? `(${count}) ${text('product')}` : text('product');
  const { setAppBadge, clearAppBadge } = navigator as Partial<Navigator>;
  if (count > 0) setAppBadge?.call(navigator, count).catch(() => undefined);
  else clearAppBadge?.call(navigator).catch(() => undefined);
});
