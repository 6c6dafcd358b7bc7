import { useEffect, useRef } from 'preact/hooks';
import { text } from '../state/language';

/** What a person shows, to himself. */
export function OwnPicture({ media, look, mirrored }: { media: MediaStream; look: string; mirrored: boolean }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.srcObject = media;
  }, [media]);
  return <video ref={ref} class={look} data-mirrored={mirrored} autoplay playsInline muted aria-label={text('call_own_picture')} />;
}
