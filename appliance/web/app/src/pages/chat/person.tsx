import type { ComponentChildren } from 'preact';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Menu } from '../../components/menu';
import { say } from '../../components/toast';
import { isBlocked } from '../../state/blocks';
import { close, conversation, setMute } from '../../state/conversations';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { level } from '../../state/levels';
import { isFavourite, setFavourite } from '../../state/favourites';
import { inNetwork, networkState, person } from '../../state/people';
import { go, link } from '../../state/route';
import { isTyping } from '../../state/typing';
import { Closed } from './closed';
import { nameOf } from './name';
import { ThreadView } from './thread';

/** The conversation with one person. */
export function PersonView({ peer, place }: { peer: string; place: number | undefined }) {
  const name = nameOf(person(peer));
  return <ThreadView peer={peer} name={name} head={<Head peer={peer} name={name} />} closed={closed(peer, name)} place={place} />;
}

function Head({ peer, name }: { peer: string; name: string }) {
  const shown = inNetwork(peer) ? level(peer) : undefined;
  const who = person(peer);
  const one = conversation(peer);
  const favourite = isFavourite(peer);
  const fail = (failure: unknown) => say(explain(failure), 'bad');
  return (
    <header class="thread__head">
      <Button kind="quiet" icon="back" label={text('back')} class="thread__back" onClick={() => go('chat')} />
      <a class="thread__who" href={link('people', peer)}>
        <Avatar id={peer} name={name} level={shown} />
        <span class="grow">
          <h2 class="thread__name cut" id="thread-title"><bdi>{name}</bdi></h2>
          <span class="thread__state cut">
            {isTyping(peer) ? text('chat_typing') : [shown && text(`presence_${shown}`), who?.company].filter(Boolean).join(' · ')}
          </span>
        </span>
      </a>
      {inNetwork(peer) && !isBlocked(peer) && <CallWays peer={peer} name={name} />}
      <Menu
        button={{ kind: 'quiet', icon: 'more', label: text('chat_more') }}
        items={[
          { name: text('chat_profile'), icon: 'person', run: () => go('people', peer) },
          ...(inNetwork(peer) ? [{ name: text(favourite ? 'people_favourite_remove' : 'people_favourite_add'), icon: 'star' as const, run: () => void setFavourite(peer, !favourite).catch(fail) }] : []),
          ...(one?.id ? [
            { name: text(one.mute ? 'chat_unmute' : 'chat_mute'), icon: one.mute ? ('bell' as const) : ('muted' as const), run: () => void setMute(one, !one.mute).catch(fail) },
            { name: text('chat_close'), icon: 'close' as const, apart: true, run: () => void close(one).then(() => go('chat'), fail) },
          ] : []),
        ]}
      />
    </header>
  );
}

/** What calls need is loaded apart from what everybody needs at once. */
function CallWays({ peer, name }: { peer: string; name: string }) {
  const start = (medium: 'audio' | 'video') => void import('../../call/calls').then((calls) => calls.start(peer, medium), (failure: unknown) => say(explain(failure), 'bad'));
  return (
    <>
      <Button kind="quiet" icon="phone" label={text('call_audio', { name })} onClick={() => start('audio')} />
      <Button kind="quiet" icon="video" label={text('call_video', { name })} onClick={() => start('video')} />
    </>
  );
}

function closed(peer: string, name: string): ComponentChildren {
  if (isBlocked(peer)) return <Closed>{text('chat_blocked', { name })} <a href={link('people', peer)}>{text('chat_profile')}</a></Closed>;
  if (networkState.value !== 'ready' || inNetwork(peer)) return undefined;
  return <Closed>{person(peer) ? <>{text('chat_stranger', { name })} <a href={link('people', peer)}>{text('chat_profile')}</a></> : text('chat_gone')}</Closed>;
}
