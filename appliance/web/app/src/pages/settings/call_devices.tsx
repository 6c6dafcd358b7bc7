import '../../call/call.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { changeDevices } from '../../call/calls';
import { type Kind, camera, canChooseSpeaker, devices, listDevices, microphone, playOn, want, wanted } from '../../call/devices';
import { explainDevice } from '../../call/explain';
import { OwnPicture } from '../../call/own_picture';
import { level, melody } from '../../call/tone';
import { text } from '../../state/language';

/** Which microphone, camera and speaker calls use, and whether they work. */
export function CallDevices() {
  const [failure, setFailure] = useState<unknown>(undefined);
  const [testing, setTesting] = useState(false);
  useEffect(() => void listDevices(), []);
  const choose = (kind: Kind, id: string) => {
    want(kind, id);
    void changeDevices().catch(setFailure);
  };
  return (
    <Part title={text('settings_calls_devices')} text={text('settings_calls_text')}>
      <div class="devices">
        <Choice kind="audioinput" name={text('settings_calls_microphone')} choose={choose} />
        <Choice kind="videoinput" name={text('settings_calls_camera')} choose={choose} />
        {canChooseSpeaker() && <Choice kind="audiooutput" name={text('settings_calls_speaker')} choose={choose} />}
        <div class="row row--wrap">
          <Button icon="microphone" pressed={testing} onClick={() => { setFailure(undefined); setTesting(!testing); }}>{text(testing ? 'settings_calls_stop' : 'settings_calls_try')}</Button>
          <Speaker />
        </div>
        {testing && <Trial key={`${wanted.value.audioinput ?? ''} ${wanted.value.videoinput ?? ''}`} onFailure={(failed) => { setFailure(failed); setTesting(false); }} />}
        {failure !== undefined && <Notice kind="bad"><p>{explainDevice(failure)}</p></Notice>}
      </div>
    </Part>
  );
}

function Choice({ kind, name, choose }: { kind: Kind; name: string; choose: (kind: Kind, id: string) => void }) {
  const all = devices.value.filter((one) => one.kind === kind && one.deviceId !== '' && one.deviceId !== 'default');
  return (
    <label class="field">
      <span class="field__label">{name}</span>
      <select class="input" value={wanted.value[kind] ?? ''} onChange={(event) => choose(kind, event.currentTarget.value)}>
        <option value="">{text('settings_calls_usual')}</option>
        {all.map((one, index) => <option key={one.deviceId} value={one.deviceId}>{one.label || `${name} ${index + 1}`}</option>)}
      </select>
    </label>
  );
}

function Trial({ onFailure }: { onFailure: (failure: unknown) => void }) {
  const [loud, setLoud] = useState(0);
  const [picture, setPicture] = useState<MediaStream | undefined>(undefined);
  useEffect(() => {
    const open: MediaStreamTrack[] = [];
    let [over, quiet]: [boolean, () => void] = [false, () => undefined];
    const use = (track: MediaStreamTrack, act: () => void) => {
      open.push(track);
      if (over) track.stop();
      else act();
    };
    void microphone().then((track) => use(track, () => { quiet = level(track, setLoud); }), onFailure);
    // Whoever has no camera tries his microphone alone.
    void camera().then((track) => use(track, () => setPicture(new MediaStream([track]))), () => undefined);
    return () => {
      over = true;
      quiet();
      for (const track of open) track.stop();
    };
  }, []);
  return (
    <>
      <label class="field">
        <span class="field__label">{text('settings_calls_level')}</span>
        <meter class="devices__level" min={0} max={1} value={loud}>{Math.round(loud * 100)}%</meter>
      </label>
      {picture && <OwnPicture media={picture} look="devices__picture" mirrored />}
    </>
  );
}

function Speaker() {
  const ref = useRef<HTMLAudioElement>(null);
  const play = () => {
    if (!ref.current) return;
    playOn(ref.current);
    ref.current.srcObject = melody();
    void ref.current.play().catch(() => undefined);
  };
  return (
    <>
      <Button icon="sound" onClick={play}>{text('settings_calls_sound')}</Button>
      <audio ref={ref} />
    </>
  );
}
