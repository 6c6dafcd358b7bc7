/** How large a picture is by its first bytes, so that one that would fill the memory is never decoded. */
export interface Size {
  width: number;
  height: number;
}

const ascii = (view: DataView, at: number, text: string) => at + text.length <= view.byteLength && [...text].every((letter, index) => view.getUint8(at + index) === letter.charCodeAt(0));
const uint24 = (view: DataView, at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);

/** `undefined`: none of the kinds that are shown, or cut. */
export function sizeIn(view: DataView): Size | undefined {
  try {
    if (ascii(view, 1, 'PNG\r\n')) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (ascii(view, 0, 'GIF8')) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (ascii(view, 0, 'RIFF') && ascii(view, 8, 'WEBP')) return webp(view);
    return view.getUint16(0) === 0xff_d8 ? jpeg(view) : undefined;
  } catch {
    // It ends before it says so.
    return undefined;
  }
}

function webp(view: DataView): Size | undefined {
  if (ascii(view, 12, 'VP8X')) return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
  if (ascii(view, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3f_ff) + 1, height: ((bits >>> 14) & 0x3f_ff) + 1 };
  }
  return ascii(view, 12, 'VP8 ') ? { width: view.getUint16(26, true) & 0x3f_ff, height: view.getUint16(28, true) & 0x3f_ff } : undefined;
}

/** Segments until the one that begins the picture (SOF0 to SOF15 but the tables among them). */
function jpeg(view: DataView): Size | undefined {
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
