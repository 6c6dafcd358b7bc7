import './brand.css';
import { text } from '../state/language';

/** The sign of the product, as in icon.svg. */
export function Logo({ size = 40 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 512 512" aria-hidden="true" focusable="false">
      <rect width="512" height="512" rx="112" class="logo__ground" />
      <g class="logo__arcs">
        <path d="M96 344a160 160 0 0 1 320 0" />
        <path d="M152 344a104 104 0 0 1 208 0" />
        <path d="M208 344a48 48 0 0 1 96 0" />
      </g>
      <path d="M80 388h352" class="logo__line" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span class="wordmark">
      <Logo size={36} />
      <span class="wordmark__name">{text('product')}</span>
    </span>
  );
}

/** The arcs at the size of a wall, rising over their line. Decoration. */
export function Arcs() {
  return (
    <svg class="arcs" viewBox="0 0 800 460" preserveAspectRatio="xMidYMax meet" aria-hidden="true" focusable="false">
      <g class="arcs__lines">
        <path d="M60 396a340 340 0 0 1 680 0" pathLength="1" />
        <path d="M179 396a221 221 0 0 1 442 0" pathLength="1" />
        <path d="M298 396a102 102 0 0 1 204 0" pathLength="1" />
      </g>
    </svg>
  );
}
