import './call.css';
import { signal } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Avatar } from '../components/avatar';
import { Button } from '../components/button';
import { say } from '../components/toast';
import { text } from '../state/language';
import { nameOf } from '../pages/chat/name';
import { person } from '../state/people';
import { type Call, type Incoming, accept, call, decline, failure, hangUp, incoming, setCamera, setSharing, setSilent } from './calls';
import { canShare, playOn, wanted } from './devices';
import { explainDevice } from './explain';
import './log';
import { OwnPicture } from './own_picture';
import { sound } from './tone';

/** What stands over every page while somebody calls, and while one talks. */
export default function Calls() {
  return (
    <>
      <Failures />
      <Rings />
      {call.value && <InCall key={call.value.sid} of={call.value} />}
    </>
  );
}

/** Says once why a call came to nothing. */
function Failures() {
  const failed = failure.value;
  useEffect(() => {
    if (!failed) return;
    failure.value = undefined;
    say(text(`call_failed_${failed.why}`, { name: nameOf(person(failed.peer)) }), failed.why === 'declined' || failed.why === 'no_answer' ? 'info' : 'bad');
  }, [failed]);
  return null;
}

function Rings() {
  const all = incoming.value;
  const rings = all.length > 0 && call.value === undefined;
  useEffect(() => (rings ? sound('ring') : undefined), [rings]);
  return (
    <div class="rings" role="region" aria-label={text('call_incoming_region')} hidden={all.length === 0}>
      {all.map((one) => <RingsHere key={one.sid} of={one} />)}
    </div>
  );
}

function RingsHere({ of }: { of: Incoming }) {
  const name = nameOf(person(of.peer));
  const id = useId();
  const what = text(of.medium === 'video' ? 'call_incoming_video' : 'call_incoming_audio');
  useEffect(() => notify(name, what, of.sid), []);
  return (
    <section class="ring" role="alertdialog" aria-labelledby={`${id}name`} aria-describedby={`${id}what`}>
      <Avatar id={of.peer} name={name} size="large" />
      <div class="grow" aria-live="assertive">
        <h2 class="ring__name cut" id={`${id}name`}><bdi>{name}</bdi></h2>
        <p class="soft" id={`${id}what`}>{what}{call.value && ` · ${text('call_ends_other')}`}</p>
      </div>
      <div class="row row--wrap ring__ways">
        <Button kind="danger" icon="hang_up" onClick={() => decline(of)}>{text('call_decline')}</Button>
        {of.medium === 'video' && <Button icon="video" onClick={() => void accept(of, true)}>{text('call_accept_video')}</Button>}
        <Button kind="main" icon="phone" onClick={() => void accept(of, false)}>{text('call_accept')}</Button>
      </div>
    </section>
  );
}

/** On the desktop, where nobody looks at the page. */
function notify(name: string, what: string, tag: string): (() => void) | undefined {
  if (document.visibilityState === 'visible' || !('Notification' in window) || Notification.permission !== 'granted') return undefined;
  try {
    const shown = new Notification(name, { body: what, tag, icon: '/icon-192.png' });
    shown.onclick = () => window.focus();
    return () => shown.close();
  } catch {
    // Phones show notifications of service workers alone.
    return undefined;
  }
}

/** Out of the way, so that one can read and write while one talks. */
const small = signal(false);

function InCall({ of }: { of: Call }) {
  const name = nameOf(person(of.peer));
  const rings = of.outgoing && of.stage === 'ringing';
  useEffect(() => (rings ? sound('back') : undefined), [rings]);
  return (
    <section class="call" data-small={small.value} data-stage={of.stage} aria-label={text('call_with', { name })}>
      <header class="call__head">
        <div class="grow">
          <h2 class="call__name cut"><bdi>{name}</bdi></h2>
          <p class="call__state" role="status">{stateOf(of)}</p>
        </div>
        {of.sinceMs !== undefined && <Duration sinceMs={of.sinceMs} />}
        <Button kind="quiet" icon={small.value ? 'next' : 'down'} label={text(small.value ? 'call_large' : 'call_small')} onClick={() => { small.value = !small.value; }} />
      </header>
      <div class="call__stage">
        {of.heard && <Heard media={of.heard} shown={of.seen} name={name} />}
        {!of.seen && <div class="call__face"><Avatar id={of.peer} name={name} size="large" /></div>}
        {of.own && <OwnPicture media={of.own} look="call__own" mirrored={of.shows === 'camera'} />}
      </div>
      <Ways of={of} />
    </section>
  );
}

function stateOf(of: Call): string {
  if (of.stage === 'talking') return text(of.shows === 'screen' ? 'call_sharing' : 'call_talking');
  return text(`call_${of.stage}`);
}

function Ways({ of }: { of: Call }) {
  const [busy, setBusy] = useState<'camera' | 'screen' | undefined>(undefined);
  const run = async (what: 'camera' | 'screen', act: () => Promise<void>) => {
    setBusy(what);
    await act().catch((failed: unknown) => say(explainDevice(failed), 'bad'));
    setBusy(undefined);
  };
  const able = of.stage === 'talking' || of.stage === 'broken';
  const [camera, screen] = [of.shows === 'camera', of.shows === 'screen'];
  return (
    <div class="call__ways" role="group" aria-label={text('call_controls')}>
      <Button icon={of.silent ? 'microphone_off' : 'microphone'} label={text(of.silent ? 'call_unmute' : 'call_mute')} pressed={of.silent} onClick={() => setSilent(!of.silent)} />
      <Button icon={camera ? 'video' : 'video_off'} label={text(camera ? 'call_camera_off' : 'call_camera_on')} pressed={camera} disabled={!able} busy={busy === 'camera'} onClick={() => void run('camera', () => setCamera(!camera))} />
      {canShare() && <Button icon="screen" label={text(screen ? 'call_share_stop' : 'call_share')} pressed={screen} disabled={!able} busy={busy === 'screen'} onClick={() => void run('screen', () => setSharing(!screen))} />}
      <Button kind="danger" icon="hang_up" label={text('call_hang_up')} onClick={hangUp} />
    </div>
  );
}

/** Sound always, a picture where there is one. */
function Heard({ media, shown, name }: { media: MediaStream; shown: boolean; name: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  const speaker = wanted.value.audiooutput;
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = media;
    // A browser that lets nothing be heard before somebody has touched the page: whoever calls or answers has.
    void video.play().catch(() => undefined);
  }, [media, media.getTracks().length]);
  useEffect(() => void (ref.current && playOn(ref.current)), [speaker]);
  return <video ref={ref} class="call__heard" data-shown={shown} autoplay playsInline aria-label={text('call_picture_of', { name })} />;
}

function Duration({ sinceMs }: { sinceMs: number }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time class="call__time">{lasting(Date.now() - sinceMs)}</time>;
}

/** `0:05`, `12:34`, `1:02:03`. */
export function lasting(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, String(all % 60).padStart(2, '0')];
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
